// An adapter of the recvmsg conformance suite: README.md says what to change.
import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import java.io.BufferedReader;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.reflect.Field;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

public final class Adapter {
  private static final Gson GSON = new GsonBuilder().serializeNulls().create();
  private static final Map<Integer, FileInputStream> OPEN = new HashMap<>(); // what is collected would close its number

  // Who is judged, and what its interface can express.
  private static JsonObject hello() {
    JsonObject reply = new JsonObject();
    reply.addProperty("protocol", 1);
    reply.addProperty("name", "java.io.FileInputStream");
    reply.addProperty("version", System.getProperty("java.version"));
    reply.addProperty("language", "Java");
    reply.add("capabilities", GSON.toJsonTree(List.of()));
    reply.add("sockets",
        GSON.toJsonTree(List.of("unix_stream", "unix_datagram", "unix_seqpacket", "udp4", "udp6", "tcp4", "tcp6")));
    return reply;
  }

  // ---- YOUR IMPLEMENTATION: its call takes the place of read here.
  // Receives at most `room` bytes to storage[from...], and returns how many.
  private static int receive(int fd, byte[] storage, int from, int room) throws IOException {
    Path file = Path.of("/proc/self/fd/" + fd); // read takes any file, and a receive takes sockets only
    boolean isOpen = Files.exists(file, LinkOption.NOFOLLOW_LINKS);
    if (isOpen && !Files.readSymbolicLink(file).toString().startsWith("socket:"))
      throw new IOException("Socket operation on non-socket");
    return Math.max(adopt(fd).read(storage, from, room), 0); // -1 is the end, or an empty datagram
  }

  // The JDK makes no object of a number, but by reflection (--add-opens java.base/java.io=ALL-UNNAMED).
  private static FileInputStream adopt(int fd) {
    return OPEN.computeIfAbsent(fd, number -> {
      try {
        FileDescriptor descriptor = new FileDescriptor();
        Field field = FileDescriptor.class.getDeclaredField("fd");
        field.setAccessible(true);
        field.setInt(descriptor, number);
        return new FileInputStream(descriptor);
      } catch (ReflectiveOperationException thrown) {
        throw new IllegalStateException(thrown);
      }
    });
  }

  // The JDK tells the text of an error, and not its number.
  private static final Map<String, Integer> ERRORS = Map.of("Bad file descriptor", 9, "Invalid argument", 22,
      "Resource temporarily unavailable", 11, "Socket operation on non-socket", 88, "Connection reset by peer", 104,
      "Transport endpoint is not connected", 107, "Connection refused", 111);
  // ---- What follows need not change, until you declare more.

  private static int number(JsonObject object, String name, int otherwise) {
    JsonElement found = object.get(name);
    return found == null || found.isJsonNull() ? otherwise : found.getAsInt();
  }

  private static JsonObject unsupported(String what) {
    JsonObject reply = new JsonObject();
    reply.addProperty("unsupported", what);
    return reply;
  }

  private static JsonObject recvmsgInto(JsonObject request) {
    if (request.getAsJsonArray("buffers").size() != 1) return unsupported("scatter");
    if (number(request, "timeout_ms", -1) == 0) return unsupported("nonblocking");
    JsonObject entry = request.getAsJsonArray("buffers").get(0).getAsJsonObject();
    byte[] fill = HexFormat.of().parseHex(entry.has("fill") ? entry.get("fill").getAsString() : "ee");
    byte[] storage = new byte[number(entry, "size", 0)];
    for (int i = 0; i < storage.length; ++i) storage[i] = fill[i % fill.length];
    int from = number(entry, "from", 0);
    JsonObject reply = new JsonObject();
    try {
      int room = number(entry, "to", storage.length) - from;
      reply.addProperty("nbytes", receive(number(request, "fd", -1), storage, from, room));
    } catch (IOException | RuntimeException thrown) {
      Integer errno = ERRORS.get(String.valueOf(thrown.getMessage()));
      JsonObject error = new JsonObject();
      error.addProperty("class", thrown.getClass().getSimpleName());
      error.add("errno", errno == null ? JsonNull.INSTANCE : new JsonPrimitive(errno));
      error.addProperty("message", String.valueOf(thrown.getMessage()));
      reply.add("error", error);
    }
    JsonArray buffers = new JsonArray();
    buffers.add(HexFormat.of().formatHex(storage));
    reply.add("buffers", buffers);
    return reply;
  }

  private static JsonObject close(JsonArray numbers) {
    for (JsonElement one : numbers) {
      try (FileInputStream closed = adopt(one.getAsInt())) {
        OPEN.remove(one.getAsInt());
      } catch (IOException thrown) {
        continue; // it is not open
      }
    }
    return new JsonObject();
  }

  public static void main(String[] arguments) throws IOException {
    BufferedReader input = new BufferedReader(new InputStreamReader(System.in));
    for (String line; (line = input.readLine()) != null; ) {
      JsonObject request = JsonParser.parseString(line).getAsJsonObject();
      String op = request.get("op").getAsString();
      JsonObject reply = switch (op) {
        case "hello" -> hello();
        case "recvmsg_into" -> recvmsgInto(request);
        case "close" -> close(request.getAsJsonArray("fds"));
        case "bye" -> new JsonObject();
        default -> unsupported(op);
      };
      reply.add("id", request.get("id"));
      System.out.println(GSON.toJson(reply));
      System.out.flush();
      if (op.equals("bye")) break;
    }
  }
}
