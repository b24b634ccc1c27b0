// Netty's native epoll: the name of a unix datagram's sender. With the jars of adapters/netty/manifest.toml, gson aside:
// java -cp 'jars/*' NettyReceive.java
import io.netty.channel.epoll.Epoll;
import io.netty.channel.unix.DomainDatagramSocketAddress;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.channel.unix.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

public final class NettyReceive {
  public static void main(String[] arguments) throws Exception {
    Epoll.ensureAvailability();
    Socket server = Socket.newSocketDomainDgram();
    server.bind(new DomainSocketAddress("\0receiver-of-netty"));
    for (String name : new String[] {"\\0caf\\xe9", "\\0sender"}) {
      String program = "import socket; s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM); s.bind(b'" + name
          + "'); s.sendto(b'abc', b'\\0receiver-of-netty')";
      new ProcessBuilder("python3", "-c", program).inheritIO().start().waitFor();
      DomainDatagramSocketAddress sender = server.recvFromDomainSocket(ByteBuffer.allocateDirect(3), 0, 3);
      int length = sender.path().getBytes(StandardCharsets.UTF_8).length;
      System.out.println("sender " + name + ": a name of " + length + " bytes, equal to the sender's: "
          + sender.path().equals("\0sender"));
    }
    server.close();
  }
}
