{-# LANGUAGE OverloadedStrings #-}
-- recvMsg of Haskell's network: messages whose sender has no name, and abstract names. ghc network_recvmsg.hs && ./network_recvmsg
import Control.Exception (IOException, try)
import Network.Socket
import Network.Socket.ByteString (recv, recvFrom, recvMsg, send, sendTo)
import System.Timeout (timeout)

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
