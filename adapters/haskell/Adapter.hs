{-# LANGUAGE CPP #-}
{-# LANGUAGE OverloadedStrings #-}
-- Adapter for recvBufMsg of Haskell's package network. ../PROTOCOL.md is the contract.
module Main (main) where

import Control.Concurrent (yield)
import Control.Exception (Exception, SomeException, fromException, throwIO, try)
import Control.Monad (forM_, replicateM_, unless, void, when)
import Data.Aeson (FromJSON, Object, Value (Null), decodeStrict, encode, object, toJSON, (.=))
import qualified Data.Aeson.KeyMap as KeyMap
import Data.Aeson.Types (Key, Pair, parseJSON, parseMaybe)
import qualified Data.ByteString as B
import qualified Data.ByteString.Char8 as Char
import qualified Data.ByteString.Lazy.Char8 as Lazy
import Data.Bits (testBit)
import Data.Char (digitToInt, intToDigit)
import Data.IORef
import qualified Data.Map.Strict as Map
import Data.Maybe (fromMaybe)
import Data.Word (Word8)
import Foreign.C.Types (CInt (..), CLong (..), CSize (..))
import Foreign.Marshal.Alloc (free, mallocBytes)
import Foreign.Ptr (Ptr, castPtr, nullPtr, plusPtr)
import Foreign.Storable (pokeByteOff)
import GHC.IO.Exception (IOException (..))
import Network.Socket
import System.Exit (exitSuccess)
import System.IO
import System.Posix.IO (closeFd)
import System.Posix.Signals
import System.Timeout (timeout)

foreign import ccall unsafe "mmap" c_mmap :: Ptr () -> CSize -> CInt -> CInt -> CInt -> CLong -> IO (Ptr Word8)

foreign import ccall unsafe "munmap" c_munmap :: Ptr Word8 -> CSize -> IO CInt

capabilities :: [String]
capabilities =
  words "scatter no_buffers empty_buffers overlap flags msg_flags address ancillary rights all_items ancbufsize timeout"
    ++ words "signals sparse_buffers inaccessible_buffers recvmsg pipelining"

data Storage = Storage {start :: Ptr Word8, size :: Int, reported :: Int, release :: IO ()}

get :: FromJSON a => Key -> Object -> Maybe a
get key fields = KeyMap.lookup key fields >>= parseMaybe parseJSON

hex :: B.ByteString -> String
hex = concatMap (\byte -> [intToDigit (fromIntegral byte `div` 16), intToDigit (fromIntegral byte `mod` 16)]) . B.unpack

unhex :: String -> [Word8]
unhex (high : low : rest) = fromIntegral (16 * digitToInt high + digitToInt low) : unhex rest
unhex _ = []

storageOf :: Object -> IO Storage
storageOf entry = case (get "storage" entry :: Maybe Int, get "memory" entry :: Maybe String) of
  (Just _, _) -> pure (Storage nullPtr 0 0 (pure ()))
  (_, Just "inaccessible") -> pure (Storage (nullPtr `plusPtr` 1) bytes 0 (pure ()))
  (_, Just _) -> do
    place <- c_mmap nullPtr (fromIntegral bytes) 3 0x4022 (-1) 0
    pure (Storage place bytes (min bytes 4096) (void (c_munmap place (fromIntegral bytes))))
  _ -> do
    place <- mallocBytes (bytes + 1)
    let pattern = B.pack (unhex (fromMaybe "ee" (get "fill" entry)))
        filled = B.take bytes (B.concat (replicate (bytes `div` B.length pattern + 1) pattern))
    forM_ (zip [0 ..] (B.unpack filled)) (uncurry (pokeByteOff place))
    pure (Storage place bytes bytes (free place))
  where
    bytes = fromMaybe 0 (get "size" entry)

content :: Storage -> IO String
content storage = hex <$> B.packCStringLen (castPtr (start storage), reported storage)

addressOf :: SockAddr -> IO Value
addressOf (SockAddrUnix path) = pure (object ["family" .= (1 :: Int), "path" .= hex (Char.pack path)])
addressOf sender = do
  (host, _) <- getNameInfo [NI_NUMERICHOST, NI_NUMERICSERV] True False sender
  pure . object $ ("host" .= fmap (takeWhile (/= '%')) host) : case sender of
    SockAddrInet6 port flow _ scope ->
      ["family" .= (10 :: Int), "port" .= toInteger port, "flowinfo" .= flow, "scope_id" .= scope]
    SockAddrInet port _ -> ["family" .= (2 :: Int), "port" .= toInteger port]

itemOf :: Cmsg -> Value
itemOf (Cmsg (CmsgId level kind) bytes) = toJSON (toInteger level, toInteger kind, hex bytes)

errorOf :: SomeException -> Pair
errorOf thrown = "error" .= object ["class" .= name, "errno" .= code, "message" .= show thrown]
  where
    code = fmap toInteger (fromException thrown >>= ioe_errno)
    name = maybe "exception" (show . ioe_type) (fromException thrown) :: String

number :: CInt -> Maybe Integer -> CInt
number otherwise' = maybe otherwise' fromInteger

-- The number with these bits, as a C int.
signed :: [Int] -> Integer
signed bits = sum [if one == 31 then -(2 ^ one) else 2 ^ one | one <- bits]

-- A Socket that is collected closes its descriptor, so they are kept.
adopt :: IORef (Map.Map CInt Socket) -> CInt -> IO Socket
adopt sockets fd = Map.lookup fd <$> readIORef sockets >>= maybe make pure
  where
    make = do
      made <- mkSocket fd
      setNonBlockIfNeeded fd -- as socket() and accept() do; the runtime waits
      modifyIORef sockets (Map.insert fd made)
      pure made

receive :: IORef (Map.Map CInt Socket) -> IORef Int -> Object -> IO [Pair]
receive sockets handled request = do
  let entries = fromMaybe [] (get "buffers" request)
      bytesOf entry made = fromMaybe (size made) (get "to" entry) - fromMaybe 0 (get "from" entry)
      limit = maybe id limited (get "timeout_ms" request)
      limited milliseconds call = timeout (1000 * milliseconds) call >>= maybe (throwIO timedOut) pure
  storages <- mapM storageOf entries
  let parts =
        [ (start whole `plusPtr` fromMaybe 0 (get "from" entry), bytesOf entry whole)
        | (entry, made) <- zip entries storages,
          let whole = maybe made (storages !!) (get "storage" entry)
        ]
  writeIORef handled 0
  result <- try $ do
    adopted <- adopt sockets (number (-1) (get "fd" request))
    limit (recvBufMsg adopted parts (fromMaybe 0 (get "ancbufsize" request)) (maybe 0 (fromInteger :: Integer -> MsgFlag) (get "flags" request)))
  replicateM_ 3 yield -- handlers of signals run in threads of their own
  contents <- mapM content storages
  mapM_ release storages
  ran <- readIORef handled
  address <- either (const (pure Null)) (\(sender, _, _, _) -> addressOf sender) result
  let reply = case result of
        Left thrown | Just TimedOut <- fromException thrown -> ["error" .= object ["class" .= ("TimeoutError" :: String), "errno" .= Null]]
        Left thrown -> [errorOf thrown]
        Right (_, nbytes, items, flags) ->
          ["nbytes" .= nbytes, "msg_flags" .= signed [bit | bit <- [0 .. 31], testBit flags bit], "ancdata" .= map itemOf items, "address" .= address]
  pure (("buffers" .= contents) : ("signals" .= ran) : reply)

data TimedOut = TimedOut deriving (Show)

instance Exception TimedOut

timedOut :: TimedOut
timedOut = TimedOut

handle :: IORef Int -> Object -> IO [Pair]
handle handled request = do
  let action = if get "handler" request == Just ("return" :: String) then Catch (modifyIORef' handled (+ 1)) else Default
  void (installHandler (number 0 (get "signum" request)) action Nothing)
  pure []

closeAll :: IORef (Map.Map CInt Socket) -> Object -> IO [Pair]
closeAll sockets request = do
  forM_ (maybe [] (map fromInteger) (get "fds" request)) $ \fd -> do
    adopted <- Map.lookup fd <$> readIORef sockets
    modifyIORef sockets (Map.delete fd)
    case adopted of
      Just receiver -> close receiver
      Nothing -> void (try (closeFd (fromIntegral fd)) :: IO (Either IOException ()))
  pure []

main :: IO ()
main = do
  sockets <- newIORef Map.empty
  handled <- newIORef 0
  let loop = do
        ended <- isEOF
        unless ended $ do
          line <- Char.getLine
          let request = fromMaybe KeyMap.empty (decodeStrict line)
              op = fromMaybe "" (get "op" request) :: String
          reply <- case op of
            "hello" ->
              pure
                [ "protocol" .= (1 :: Int),
                  "name" .= ("network" :: String),
                  "version" .= (VERSION_network :: String),
                  "language" .= ("Haskell" :: String),
                  "capabilities" .= capabilities,
                  "choices" .= object ["unnamed_address" .= ("empty" :: String)]
                ]
            "recvmsg_into" -> receive sockets handled request
            "signal" -> handle handled request
            "close" -> closeAll sockets request
            "bye" -> pure []
            _ -> pure ["unsupported" .= op]
          Lazy.putStrLn (encode (object (("id" .= (get "id" request :: Maybe Int)) : reply)))
          hFlush stdout
          when (op == "bye") exitSuccess
          loop
  loop
