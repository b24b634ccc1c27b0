// junixsocket: the end of a stream in non-blocking mode, an abstract name, and a sender without a name.
// With junixsocket-common and junixsocket-native-common: java -cp 'jars/*' JunixsocketReceive.java
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.newsclub.net.unix.AFSocketPair;
import org.newsclub.net.unix.AFUNIXDatagramChannel;
import org.newsclub.net.unix.AFUNIXSelectorProvider;
import org.newsclub.net.unix.AFUNIXSocketAddress;
import org.newsclub.net.unix.AFUNIXSocketChannel;

public final class JunixsocketReceive {
  public static void main(String[] arguments) throws Exception {
    AFSocketPair<AFUNIXSocketChannel> pair = AFUNIXSelectorProvider.provider().openSocketChannelPair();
    AFUNIXSocketChannel receiver = pair.getSocket2();
    pair.getSocket1().close();
    receiver.configureBlocking(false);
    ByteBuffer room = ByteBuffer.allocateDirect(3);
    for (int i = 0; i < 3; ++i) {
      System.out.println("end of the stream, non-blocking: read returns " + receiver.read(room));
    }
    receiver.configureBlocking(true);
    System.out.println("end of the stream, blocking: read returns " + receiver.read(room));

    AFUNIXSocketAddress name = AFUNIXSocketAddress.of("\0sender".getBytes(StandardCharsets.UTF_8));
    AFUNIXSocketAddress there = AFUNIXSocketAddress.of("\0receiver-of-junixsocket".getBytes(StandardCharsets.UTF_8));
    try (AFUNIXDatagramChannel server = AFUNIXDatagramChannel.open();
        AFUNIXDatagramChannel client = AFUNIXDatagramChannel.open()) {
      server.bind(there);
      client.bind(name);
      client.send(ByteBuffer.wrap(new byte[3]), there);
      byte[] path = server.receive(ByteBuffer.allocateDirect(3)).getPathAsBytes();
      System.out.println("sender \\0sender: a name of " + path.length + " bytes, equal to the sender's: "
          + Arrays.equals(path, name.getPathAsBytes()));
      try (AFUNIXDatagramChannel unnamed = AFUNIXDatagramChannel.open()) {
        server.configureBlocking(false);
        unnamed.send(ByteBuffer.wrap(new byte[3]), there);
        for (String sent : new String[] {"three bytes", "nothing"}) {
          ByteBuffer bytes = ByteBuffer.allocateDirect(3);
          System.out.println(sent + " from a socket without a name: receive returns " + server.receive(bytes) + ", "
              + bytes.position() + " bytes");
        }
      }
    }
  }
}
