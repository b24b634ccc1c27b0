{-# LANGUAGE OverloadedStrings #-}
-- recvMsg of Haskell's network, of what scripted_recvmsg.c answers. ghc network_scripted.hs &&
-- RECVMSG=controllen-beyond LD_PRELOAD=./scripted_recvmsg.so ./network_scripted
import qualified Data.ByteString as Bytes
import Network.Socket
import Network.Socket.ByteString (recvMsg, send)
import System.Directory (listDirectory)

main :: IO ()
main = do
  (there, here) <- socketPair AF_UNIX Datagram defaultProtocol
  _ <- send there "x" -- so that it is ready
  before <- length <$> listDirectory "/proc/self/fd"
  (_, bytes, items, _) <- recvMsg here 4 64 mempty
  putStrLn (show bytes ++ ", items " ++ show [(cmsgId item, Bytes.length (cmsgData item)) | item <- items])
  after <- length <$> listDirectory "/proc/self/fd"
  putStrLn ("new descriptors: " ++ show (after - before))
