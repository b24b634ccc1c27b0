// Adapter for the channels of junixsocket. ../PROTOCOL.md is the contract.
import com.google.gson.Gson;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.BufferedReader;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.lang.reflect.Field;
import java.net.SocketAddress;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.ByteChannel;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.newsclub.net.unix.AFDatagramChannel;
import org.newsclub.net.unix.AFSocketChannel;
import org.newsclub.net.unix.AFSocketPair;
import org.newsclub.net.unix.AFUNIXDatagramChannel;
import org.newsclub.net.unix.AFUNIXSelectorProvider;
import org.newsclub.net.unix.AFUNIXSocketAddress;
import org.newsclub.net.unix.AFUNIXSocketChannel;
import org.newsclub.net.unix.AFUNIXSocketExtensions;
import org.newsclub.net.unix.FileDescriptorCast;

public final class Adapter {
  private static final Map<Integer, ByteChannel> ADOPTED = new HashMap<>();
  private static final Map<Integer, FileDescriptor> DESCRIPTORS = new HashMap<>();
  private static final Map<String, Integer> ERRORS = Map.ofEntries(
      Map.entry("Bad file descriptor", 9), Map.entry("Resource temporarily unavailable", 11),
      Map.entry("Bad address", 14),
      Map.entry("Invalid argument", 22), Map.entry("Too many open files", 24), Map.entry("Broken pipe", 32),
      Map.entry("Socket operation on non-socket", 88), Map.entry("Message too long", 90),
      Map.entry("Operation not supported", 95),
      Map.entry("Connection reset by peer", 104), Map.entry("Transport endpoint is not connected", 107),
      Map.entry("Connection refused", 111), Map.entry("Input/output error", 5), Map.entry("Cannot allocate memory", 12));
  private static Field number;

  private static int get(JsonObject request, String field, int otherwise) {
    JsonElement found = request.get(field);
    return found == null || found.isJsonNull() ? otherwise : found.getAsInt();
  }

  private static byte[] storageOf(JsonObject entry) {
    byte[] fill = HexFormat.of().parseHex(entry.has("fill") ? entry.get("fill").getAsString() : "ee");
    byte[] made = new byte[get(entry, "size", 0)];
    for (int i = 0; i < made.length; ++i) made[i] = fill[i % fill.length];
    return made;
  }

  // Of the class java.io.FileDescriptor, which keeps the number to itself.
  private static FileDescriptor descriptor(int fd) throws ReflectiveOperationException {
    FileDescriptor made = DESCRIPTORS.get(fd);
    if (made != null) return made;
    made = new FileDescriptor();
    number.setInt(made, fd);
    DESCRIPTORS.put(fd, made);
    return made;
  }

  private static ByteChannel adopt(int fd, boolean isDatagram) throws IOException, ReflectiveOperationException {
    ByteChannel known = ADOPTED.get(fd);
    if (known != null) return known;
    FileDescriptorCast cast = FileDescriptorCast.using(descriptor(fd));
    known = isDatagram ? cast.as(AFUNIXDatagramChannel.class) : cast.as(AFUNIXSocketChannel.class);
    ADOPTED.put(fd, known);
    return known;
  }

  private static JsonElement addressOf(SocketAddress sender) {
    if (!(sender instanceof AFUNIXSocketAddress)) return JsonNull.INSTANCE;
    AFUNIXSocketAddress unix = (AFUNIXSocketAddress) sender;
    byte[] path = unix.getPathAsBytes();
    if (path == null || path.length == 0) return JsonNull.INSTANCE;
    JsonObject made = new JsonObject();
    made.addProperty("family", 1);
    made.addProperty("path", HexFormat.of().formatHex(path));
    return made;
  }

  private static JsonArray itemsOf(FileDescriptor[] received) throws ReflectiveOperationException {
    JsonArray items = new JsonArray();
    if (received == null || received.length == 0) return items;
    ByteBuffer bytes = ByteBuffer.allocate(4 * received.length).order(ByteOrder.nativeOrder());
    for (FileDescriptor one : received) {
      bytes.putInt(number.getInt(one));
      DESCRIPTORS.put(number.getInt(one), one); // one that is collected closes its number
    }
    JsonArray item = new JsonArray();
    item.add(1);
    item.add(1);
    item.add(HexFormat.of().formatHex(bytes.array()));
    items.add(item);
    return items;
  }

  private static void receive(JsonObject request, ByteBuffer part, JsonObject reply)
      throws IOException, ReflectiveOperationException {
    boolean isDatagram = get(request, "type", 0) == 2;
    ByteChannel channel = adopt(get(request, "fd", -1), isDatagram);
    boolean isBlocking = get(request, "timeout_ms", -1) != 0;
    AFUNIXSocketExtensions extensions = (AFUNIXSocketExtensions) channel;
    extensions.setAncillaryReceiveBufferSize(get(request, "ancbufsize", 0));
    int nbytes;
    SocketAddress sender = null;
    boolean isThere;
    if (isDatagram) {
      AFDatagramChannel<?> receiver = (AFDatagramChannel<?>) channel;
      receiver.configureBlocking(isBlocking);
      int before = part.position();
      sender = receiver.receive(part);
      nbytes = part.position() - before;
      isThere = sender != null || nbytes != 0 || isBlocking;
    } else {
      AFSocketChannel<?> receiver = (AFSocketChannel<?>) channel;
      receiver.configureBlocking(isBlocking);
      nbytes = receiver.read(part);
      isThere = nbytes != 0 || isBlocking || !part.hasRemaining();
    }
    if (!isThere) {
      fail(reply, "nothing", 11, "Resource temporarily unavailable");
      return;
    }
    reply.addProperty("nbytes", Math.max(nbytes, 0));
    reply.add("address", addressOf(sender));
    reply.add("ancdata", itemsOf(extensions.getReceivedFileDescriptors()));
  }

  private static void fail(JsonObject reply, String name, Integer errno, String message) {
    JsonObject error = new JsonObject();
    error.addProperty("class", name);
    error.add("errno", errno == null ? JsonNull.INSTANCE : new com.google.gson.JsonPrimitive(errno));
    error.addProperty("message", String.valueOf(message));
    reply.add("error", error);
  }

  private static void recvmsgInto(JsonObject request, JsonObject reply) {
    JsonObject entry = request.getAsJsonArray("buffers").get(0).getAsJsonObject();
    byte[] storage = storageOf(entry);
    ByteBuffer direct = ByteBuffer.allocateDirect(storage.length);
    direct.put(storage).position(get(entry, "from", 0)).limit(get(entry, "to", storage.length));
    try {
      receive(request, direct, reply);
    } catch (SocketTimeoutException thrown) {
      fail(reply, thrown.getClass().getSimpleName(), 11, thrown.getMessage());
    } catch (IOException | ReflectiveOperationException | RuntimeException thrown) {
      fail(reply, thrown.getClass().getSimpleName(), ERRORS.get(String.valueOf(thrown.getMessage())), thrown.getMessage());
    }
    direct.clear().get(storage);
    JsonArray buffers = new JsonArray();
    buffers.add(HexFormat.of().formatHex(storage));
    reply.add("buffers", buffers);
  }

  private static void close(int fd) throws ReflectiveOperationException {
    FileDescriptor closed = descriptor(fd);
    ADOPTED.remove(fd); // close() of a channel would shut the socket down, for its other owner, too
    DESCRIPTORS.remove(fd);
    try {
      new FileOutputStream(closed).close();
    } catch (IOException thrown) {
      return; // it is not open
    }
  }

  // What the runtime opens for the first call, it opens before the suite counts.
  private static void warmUp() throws IOException, ReflectiveOperationException {
    AFSocketPair<AFUNIXSocketChannel> streams = AFUNIXSelectorProvider.provider().openSocketChannelPair();
    AFUNIXSocketChannel receiver = streams.getSocket2();
    receiver.setAncillaryReceiveBufferSize(64);
    streams.getSocket1().setOutboundFileDescriptors(FileDescriptor.in);
    streams.getSocket1().write(ByteBuffer.wrap(new byte[1]));
    receiver.read(ByteBuffer.allocateDirect(1));
    for (FileDescriptor one : receiver.getReceivedFileDescriptors()) new FileOutputStream(one).close();
    streams.getSocket1().close();
    receiver.close();
  }

  public static void main(String[] arguments) throws IOException, ReflectiveOperationException {
    number = FileDescriptor.class.getDeclaredField("fd");
    number.setAccessible(true);
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
          reply.addProperty("name", "junixsocket");
          reply.addProperty("version", System.getProperty("junixsocket"));
          reply.addProperty("language", "Java");
          List<String> capabilities = List.of("address", "ancillary", "rights", "ancbufsize", "nonblocking");
          reply.add("capabilities", gson.toJsonTree(capabilities));
          reply.add("sockets", gson.toJsonTree(List.of("unix_stream", "unix_datagram")));
        }
        case "recvmsg_into" -> recvmsgInto(request, reply);
        case "close" -> {
          for (JsonElement one : request.getAsJsonArray("fds")) close(one.getAsInt());
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
