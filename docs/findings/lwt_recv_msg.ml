(* Lwt_unix.recv_msg: more buffers than IOV_MAX. ocamlfind ocamlopt -thread -package lwt.unix -linkpkg lwt_recv_msg.ml && ./a.out *)
let () =
  let sender, receiver = Lwt_unix.socketpair Unix.PF_UNIX Unix.SOCK_DGRAM 0 in
  let count = 1500 in
  let vectors = Lwt_unix.IO_vectors.create () in
  let storage = Bytes.make count '-' in
  for i = 0 to count - 1 do Lwt_unix.IO_vectors.append_bytes vectors storage i 1 done;
  let message = Bytes.make count 'x' in
  ignore (Lwt_main.run (Lwt_unix.send sender message 0 count []));
  let nbytes, _ = Lwt_main.run (Lwt_unix.recv_msg ~socket:receiver ~io_vectors:vectors) in
  Printf.printf "a datagram of %d bytes, %d buffers of 1 byte: recv_msg returns %d\n" count count nbytes;
  Lwt_unix.set_blocking receiver false;
  match Unix.recv (Lwt_unix.unix_file_descr receiver) storage 0 count [] with
  | more -> Printf.printf "%d bytes are left\n" more
  | exception Unix.Unix_error (code, _, _) -> Printf.printf "the rest: %s\n" (Unix.error_message code)
