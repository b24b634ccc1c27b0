(* Lwt_unix.recv_msg, of what scripted_recvmsg.c answers.
   ocamlfind ocamlopt -thread -package lwt.unix -linkpkg lwt_scripted.ml -o lwt_scripted &&
   RECVMSG=rights-twice LD_PRELOAD=./scripted_recvmsg.so ./lwt_scripted *)
let descriptors () = Array.length (Sys.readdir "/proc/self/fd")

let () =
  let there, here = Lwt_unix.socketpair Unix.PF_UNIX Unix.SOCK_DGRAM 0 in
  ignore (Lwt_main.run (Lwt_unix.send there (Bytes.make 1 'x') 0 1 [])) (* so that it is ready *);
  let vectors = Lwt_unix.IO_vectors.create () in
  Lwt_unix.IO_vectors.append_bytes vectors (Bytes.make 4 '-') 0 4;
  let before = descriptors () in
  let nbytes, received = Lwt_main.run (Lwt_unix.recv_msg ~socket:here ~io_vectors:vectors) in
  let created = descriptors () - before in
  Printf.printf "recv_msg returns %d and %d descriptors; %d are new\n" nbytes (List.length received) created
