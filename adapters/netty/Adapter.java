// Adapter for Netty's native epoll transport, without its event loop: netty udp | unix_datagram | stream. ../PROTOCOL.md is
// the contract. It lies in Netty's package, for what receives UDP there is not public.
package io.netty.channel.epoll;

import com.google.gson.Gson;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.CompositeByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelException;
import io.netty.channel.unix.DomainDatagramSocketAddress;
import io.netty.channel.unix.Errors;
import io.netty.channel.unix.Socket;
import java.io.BufferedReader;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.net.PortUnreachableException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.NotYetConnectedException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

public final class Adapter {
  private static final Map<String, List<String>> SOCKETS = Map.of("udp", List.of("udp4", "udp6"), "unix_datagram",
      List.of("unix_datagram"), "stream", List.of("unix_stream", "tcp4", "tcp6"));
  private static final Map<String, List<String>> CAPABILITIES = Map.of("udp",
      List.of("scatter", "address", "nonblocking", "recvmsg"), "unix_datagram", List.of("address", "nonblocking"), "stream",
      List.of("nonblocking"));
  private static NativeDatagramPacketArray packets; // one for all calls, as of an event loop
  private static String kind;

  private static int get(JsonObject request, String field, int otherwise) {
    JsonElement found = request.get(field);
    return found == null || found.isJsonNull() ? otherwise : found.getAsInt();
  }

  private static ByteBuffer storageOf(JsonObject entry) {
    byte[] fill = HexFormat.of().parseHex(entry.has("fill") ? entry.get("fill").getAsString() : "ee");
    ByteBuffer made = ByteBuffer.allocateDirect(get(entry, "size", 0));
    for (int i = 0; i < made.limit(); ++i) made.put(i, fill[i % fill.length]);
    return made;
  }

  // java.net keeps the mode of a descriptor to itself, and so does Netty.
  private static void setBlocking(int fd, boolean isBlocking) throws ReflectiveOperationException {
    FileDescriptor descriptor = new FileDescriptor();
    Field number = FileDescriptor.class.getDeclaredField("fd");
    number.setAccessible(true);
    number.setInt(descriptor, fd);
    Method configure =
        Class.forName("sun.nio.ch.IOUtil").getDeclaredMethod("configureBlocking", FileDescriptor.class, boolean.class);
    configure.setAccessible(true);
    try {
      configure.invoke(null, descriptor, isBlocking);
    } catch (java.lang.reflect.InvocationTargetException thrown) {
      return; // it is not open: the call says so
    }
  }

  // As inet_ntop(3) has it: the longest run of zeros is cut out.
  private static String textOf(byte[] host) {
    int[] groups = new int[8];
    for (int i = 0; i < 8; ++i) groups[i] = (host[2 * i] & 255) << 8 | host[2 * i + 1] & 255;
    int begin = -1;
    int longest = 1;
    for (int i = 0; i < 8; ++i) {
      int end = i;
      while (end < 8 && groups[end] == 0) ++end;
      if (end - i > longest) {
        begin = i;
        longest = end - i;
      }
    }
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < 8; ++i) {
      if (i == begin) {
        text.append("::");
        i += longest - 1;
        continue;
      }
      if (text.length() != 0 && text.charAt(text.length() - 1) != ':') text.append(':');
      text.append(Integer.toHexString(groups[i]));
    }
    return text.toString();
  }

  // Of an IPv6 socket an Inet4Address is an address mapped to IPv6: Java makes it so.
  private static JsonElement addressOf(InetSocketAddress sender, int family) {
    JsonObject made = new JsonObject();
    String host = sender.getAddress().getHostAddress();
    if (family == 10) {
      boolean isMapped = !(sender.getAddress() instanceof Inet6Address);
      made.addProperty("flowinfo", 0);
      made.addProperty("scope_id", isMapped ? 0 : ((Inet6Address) sender.getAddress()).getScopeId());
      host = isMapped ? "::ffff:" + host : textOf(sender.getAddress().getAddress());
    }
    made.addProperty("family", family);
    made.addProperty("host", host);
    made.addProperty("port", sender.getPort());
    return made;
  }

  private static int receiveUdp(JsonObject request, List<ByteBuffer> parts, JsonObject reply) throws IOException {
    CompositeByteBuf whole = Unpooled.compositeBuffer(Math.max(parts.size(), 16));
    for (ByteBuffer part : parts) {
      ByteBuf wrapped = Unpooled.wrappedBuffer(part);
      whole.addComponent(true, wrapped);
    }
    packets.clear();
    if (!packets.addWritable(whole, 0, whole.capacity())) throw new IOException("no room for the buffers");
    NativeDatagramPacketArray.NativeDatagramPacket packet = packets.packets()[0];
    int nbytes = new LinuxSocket(get(request, "fd", -1)).recvmsg(packet);
    if (!packet.hasSender()) return -1;
    ByteBuf received = whole.slice(0, Math.min(nbytes, whole.capacity()));
    InetSocketAddress sender = packet.newDatagramPacket(received, null).sender();
    reply.add("address", addressOf(sender, get(request, "family", 0)));
    return nbytes;
  }

  private static int receiveUnix(JsonObject request, ByteBuffer part, JsonObject reply) throws IOException {
    Socket socket = new Socket(get(request, "fd", -1));
    DomainDatagramSocketAddress sender = socket.recvFromDomainSocket(part, part.position(), part.limit());
    if (sender == null) return -1;
    byte[] path = sender.path().getBytes(StandardCharsets.UTF_8);
    if (path.length == 0) {
      reply.add("address", JsonNull.INSTANCE);
    } else {
      JsonObject made = new JsonObject();
      made.addProperty("family", 1);
      made.addProperty("path", HexFormat.of().formatHex(path));
      reply.add("address", made);
    }
    return sender.receivedAmount();
  }

  private static int receiveStream(JsonObject request, ByteBuffer part) throws IOException {
    int nbytes = new Socket(get(request, "fd", -1)).recv(part, part.position(), part.limit());
    return nbytes == 0 ? -1 : Math.max(nbytes, 0);
  }

  private static void fail(JsonObject reply, Throwable thrown, Integer errno) {
    JsonObject error = new JsonObject();
    error.addProperty("class", thrown.getClass().getSimpleName());
    error.add("errno", errno == null ? JsonNull.INSTANCE : new JsonPrimitive(errno));
    error.addProperty("message", String.valueOf(thrown.getMessage()));
    reply.add("error", error);
  }

  private static Integer errnoOf(Throwable thrown) {
    if (thrown instanceof Errors.NativeIoException) return Math.abs(((Errors.NativeIoException) thrown).expectedErr());
    if (thrown instanceof PortUnreachableException) return 111;
    if (thrown instanceof NotYetConnectedException) return 107;
    if (thrown instanceof ClosedChannelException) return 9;
    // What adopting a number says.
    String message = thrown instanceof ChannelException ? String.valueOf(thrown.getMessage()) : "";
    if (message.contains("Bad file descriptor")) return 9;
    return message.contains("Socket operation on non-socket") ? Integer.valueOf(88) : null;
  }

  private static void recvmsgInto(JsonObject request, JsonObject reply) throws ReflectiveOperationException {
    List<ByteBuffer> storages = new ArrayList<>();
    List<ByteBuffer> parts = new ArrayList<>();
    for (JsonElement one : request.getAsJsonArray("buffers")) {
      JsonObject entry = one.getAsJsonObject();
      ByteBuffer storage = storageOf(entry);
      storages.add(storage);
      parts.add(storage.duplicate().position(get(entry, "from", 0)).limit(get(entry, "to", storage.limit())));
    }
    setBlocking(get(request, "fd", -1), get(request, "timeout_ms", -1) != 0);
    try {
      int nbytes = kind.equals("udp") ? receiveUdp(request, parts, reply)
          : kind.equals("stream")     ? receiveStream(request, parts.get(0))
                                      : receiveUnix(request, parts.get(0), reply);
      if (nbytes < 0) {
        fail(reply, new IOException("nothing"), 11);
      } else {
        reply.addProperty("nbytes", nbytes);
      }
    } catch (IOException | RuntimeException thrown) {
      fail(reply, thrown, errnoOf(thrown));
    }
    JsonArray buffers = new JsonArray();
    for (ByteBuffer storage : storages) {
      byte[] bytes = new byte[storage.capacity()];
      storage.duplicate().clear().get(bytes);
      buffers.add(HexFormat.of().formatHex(bytes));
    }
    reply.add("buffers", buffers);
  }

  // What the runtime opens for the first call, it opens before the suite counts.
  private static void warmUp() throws IOException, ReflectiveOperationException {
    Epoll.ensureAvailability();
    packets = new NativeDatagramPacketArray();
    LinuxSocket socket = LinuxSocket.newSocketDgram();
    JsonObject request = JsonParser.parseString("{'buffers':[{'size':1}],'timeout_ms':0,'family':2}").getAsJsonObject();
    request.addProperty("fd", socket.intValue());
    recvmsgInto(request, new JsonObject());
    socket.close();
  }

  public static void main(String[] arguments) throws IOException, ReflectiveOperationException {
    kind = arguments[0];
    warmUp();
    Gson gson = new Gson().newBuilder().serializeNulls().create();
    PrintStream output = new PrintStream(new FileOutputStream(FileDescriptor.out), false, StandardCharsets.UTF_8);
    BufferedReader input = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line; (line = input.readLine()) != null; ) {
      JsonObject request = JsonParser.parseString(line).getAsJsonObject();
      String op = request.get("op").getAsString();
      JsonObject reply = new JsonObject();
      reply.add("id", request.get("id"));
      switch (op) {
        case "hello" -> {
          reply.addProperty("protocol", 1);
          reply.addProperty("name", "Netty's epoll");
          reply.addProperty("version", System.getProperty("netty"));
          reply.addProperty("language", "Java");
          reply.add("capabilities", gson.toJsonTree(CAPABILITIES.get(kind)));
          reply.add("sockets", gson.toJsonTree(SOCKETS.get(kind)));
        }
        case "recvmsg_into" -> recvmsgInto(request, reply);
        case "close" -> {
          for (JsonElement one : request.getAsJsonArray("fds")) {
            try {
              new io.netty.channel.unix.FileDescriptor(one.getAsInt()).close();
            } catch (IOException thrown) {
              continue; // it is not open
            }
          }
        }
        case "bye" -> { }
        default -> reply.addProperty("unsupported", op);
      }
      output.println(gson.toJson(reply));
      output.flush();
      if (op.equals("bye")) break;
    }
  }
}
