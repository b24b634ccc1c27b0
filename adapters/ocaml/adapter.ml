(* Adapter for Lwt_unix.recv_msg of OCaml's Lwt. ../PROTOCOL.md is the contract. *)
open Yojson.Safe.Util

(* On Unix a file_descr is the number. *)
let descr_of_number (number : int) : Unix.file_descr = Obj.magic number
let number_of_descr (descr : Unix.file_descr) : int = Obj.magic descr

let capabilities = [ "scatter"; "no_buffers"; "empty_buffers"; "overlap"; "ancillary"; "rights"; "timeout"; "recvmsg" ]

let hex bytes = String.concat "" (List.map (fun byte -> Printf.sprintf "%02x" (Char.code byte)) (List.of_seq (Bytes.to_seq bytes)))

let unhex text = String.init (String.length text / 2) (fun i -> Char.chr (int_of_string ("0x" ^ String.sub text (2 * i) 2)))

let int_of field otherwise request = match member field request with `Int number -> number | _ -> otherwise

let storage_of entry =
  match member "storage" entry with
  | `Int _ -> Bytes.empty
  | _ ->
    let fill = unhex (match member "fill" entry with `String text -> text | _ -> "ee") in
    Bytes.init (int_of "size" 0 entry) (fun i -> fill.[i mod String.length fill])

(* The numbers of Linux for the errors that OCaml has constructors for. *)
let numbers =
  Unix.
    [ EPERM, 1; ENOENT, 2; EINTR, 4; EIO, 5; EBADF, 9; EAGAIN, 11; ENOMEM, 12; EACCES, 13; EFAULT, 14; EINVAL, 22; ENFILE, 23;
      EMFILE, 24; EPIPE, 32; EWOULDBLOCK, 11; EINPROGRESS, 115; EALREADY, 114; ENOTSOCK, 88; EDESTADDRREQ, 89; EMSGSIZE, 90;
      ENOPROTOOPT, 92; EOPNOTSUPP, 95; EAFNOSUPPORT, 97; ENETDOWN, 100; ENETUNREACH, 101; ENETRESET, 102; ECONNABORTED, 103;
      ECONNRESET, 104; ENOBUFS, 105; ENOTCONN, 107; ESHUTDOWN, 108; ETIMEDOUT, 110; ECONNREFUSED, 111; EHOSTDOWN, 112;
      EHOSTUNREACH, 113 ]

let error name number text = [ "error", `Assoc [ "class", `String name; "errno", number; "message", `String text ] ]

let error_of = function
  | Lwt_unix.Timeout -> error "TimeoutError" `Null ""
  | Unix.Unix_error (EUNKNOWNERR number, where, _) -> error "Unix_error" (`Int number) where
  | Unix.Unix_error (code, where, _) ->
    let number = match List.assoc_opt code numbers with Some number -> `Int number | None -> `Null in
    error "Unix_error" number (where ^ ": " ^ Unix.error_message code)
  | other -> error "exception" `Null (Printexc.to_string other)

let adopted = Hashtbl.create 16

let adopt number =
  match Hashtbl.find_opt adopted number with
  | Some socket -> socket
  | None ->
    let socket = Lwt_unix.of_unix_file_descr ~blocking:false (descr_of_number number) in
    Hashtbl.add adopted number socket;
    socket

let items_of = function
  | [] -> []
  | descriptors ->
    let bytes = Bytes.create (4 * List.length descriptors) in
    List.iteri (fun i descr -> Bytes.set_int32_ne bytes (4 * i) (Int32.of_int (number_of_descr descr))) descriptors;
    [ `List [ `Int 1; `Int 1; `String (hex bytes) ] ]

let recvmsg_into request =
  let entries = to_list (member "buffers" request) in
  let storages = List.map storage_of entries in
  let vectors = Lwt_unix.IO_vectors.create () in
  let append entry own =
    let whole = match member "storage" entry with `Int index -> List.nth storages index | _ -> own in
    let from = int_of "from" 0 entry in
    Lwt_unix.IO_vectors.append_bytes vectors whole from (int_of "to" (Bytes.length whole) entry - from)
  in
  List.iter2 append entries storages;
  let call () = Lwt_unix.recv_msg ~socket:(adopt (int_of "fd" (-1) request)) ~io_vectors:vectors in
  let limited () =
    match member "timeout_ms" request with
    | `Int milliseconds -> Lwt_unix.with_timeout (float_of_int milliseconds /. 1000.) call
    | _ -> call ()
  in
  let result =
    try
      let nbytes, descriptors = Lwt_main.run (limited ()) in
      [ "nbytes", `Int nbytes; "ancdata", `List (items_of descriptors) ]
    with thrown -> error_of thrown
  in
  ("buffers", `List (List.map (fun storage -> `String (hex storage)) storages)) :: result

let close request =
  let close_one number =
    Hashtbl.remove adopted number;
    try Unix.close (descr_of_number number) with Unix.Unix_error _ -> ()
  in
  List.iter (fun number -> close_one (to_int number)) (to_list (member "fds" request));
  []

let hello =
  [ "protocol", `Int 1; "name", `String "Lwt"; "version", `String LWT_VERSION; "language", `String "OCaml";
    "capabilities", `List (List.map (fun word -> `String word) capabilities); "choices", `Assoc [ "default_ancbufsize", `String "own" ] ]

let () =
  try
    while true do
      let request = Yojson.Safe.from_string (input_line stdin) in
      let op = to_string (member "op" request) in
      let reply =
        match op with
        | "hello" -> hello
        | "recvmsg_into" -> recvmsg_into request
        | "close" -> close request
        | "bye" -> []
        | _ -> [ "unsupported", `String op ]
      in
      print_endline (Yojson.Safe.to_string (`Assoc (("id", member "id" request) :: reply)));
      if op = "bye" then exit 0
    done
  with End_of_file -> ()
