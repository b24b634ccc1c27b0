{-# LANGUAGE OverloadedStrings #-}
-- recvMsg of Haskell's network: messages whose sender has no name, abstract names, netlink, flow information.
-- ghc network_recvmsg.hs && ./network_recvmsg
import Control.Exception (IOException, try)
import qualified Data.ByteString as Bytes
import Foreign.C.Types (CInt (..))
import Network.Socket
import Network.Socket.ByteString (recv, recvFrom, recvMsg, send, sendTo)
import Numeric (showHex)
import System.Timeout (timeout)

foreign import ccall "socket" c_socket :: CInt -> CInt -> CInt -> IO CInt

attempt :: String -> IO String -> IO ()
attempt what call = do
  result <- timeout 300000 (try call) :: IO (Maybe (Either IOException String))
  putStrLn (what ++ ": " ++ maybe "nothing is there, after 0.3 s" (either show id) result)

message :: Socket -> IO String
message receiver = (\(sender, bytes, _, _) -> show bytes ++ " from " ++ show sender) <$> recvMsg receiver 16 256 mempty

main :: IO ()
main = do
  receiver <- socket AF_UNIX Datagram defaultProtocol
  bind receiver (SockAddrUnix "\0receiver-of-network")
  unnamed <- socket AF_UNIX Datagram defaultProtocol
  connect unnamed (SockAddrUnix "\0receiver-of-network")
  _ <- send unnamed "first"
  attempt "recvMsg, sender without a name " (message receiver)
  attempt "recvMsg again                  " (message receiver)
  _ <- send unnamed "second"
  attempt "recvFrom, sender without a name" (show <$> recvFrom receiver 16)
  attempt "recvMsg again                  " (message receiver)

  named <- socket AF_UNIX Datagram defaultProtocol
  bind named (SockAddrUnix "\0sender-of-network")
  _ <- sendTo named "third" (SockAddrUnix "\0receiver-of-network")
  attempt "recvMsg, sender \\0sender-of-network" (message receiver)

  -- TCP: both sides have shut down; the data are still in the queue.
  listener <- socket AF_INET Stream defaultProtocol
  bind listener (SockAddrInet 0 (tupleToHostAddress (127, 0, 0, 1)))
  listen listener 1
  client <- socket AF_INET Stream defaultProtocol
  getSocketName listener >>= connect client
  (server, _) <- accept listener
  _ <- send client "fourth"
  shutdown server ShutdownSend
  shutdown client ShutdownSend
  _ <- recv client 1
  attempt "recvMsg, TCP after both shut down" (message server)
  attempt "recvMsg again                    " (message server)

  -- The kernel answers a request for interface 1 (RTM_GETLINK). The type is SOCK_RAW | SOCK_NONBLOCK.
  netlink <- c_socket 16 2051 0 >>= mkSocket
  _ <- send netlink (Bytes.pack ([32, 0, 0, 0, 18, 0, 1, 0] ++ replicate 12 0 ++ [1, 0, 0, 0] ++ replicate 8 0))
  attempt "recvMsg, netlink                " $
    show . (\(_, bytes, _, _) -> Bytes.length bytes) <$> recvMsg netlink 8192 0 mempty
  attempt "recv, what is left of it        " (show . Bytes.length <$> recv netlink 8192)

  -- The error of a datagram with flow label 0x12345 to a closed port (IPV6_RECVERR, IPV6_FLOWINFO_SEND, MSG_ERRQUEUE).
  flowing <- socket AF_INET6 Datagram defaultProtocol
  setSocketOption flowing (SockOpt 41 25) 1
  setSocketOption flowing (SockOpt 41 33) 1
  _ <- sendTo flowing "fifth" (SockAddrInet6 9 0x45230100 (0, 0, 0, 1) 0)
  (SockAddrInet6 port flow _ _, _, _, _) <- recvMsg flowing 16 256 0x2000
  putStrLn ("recvMsg, flow label 0x12345: port " ++ show port ++ ", flow 0x" ++ showHex flow "")
