--  Receive_Vector of GNAT.Sockets, callable from C.
with Interfaces.C;
with System;

package Receiving is

   package C renames Interfaces.C;

   --  0, or the number of the error; -1 for an exception without one, whose text is then in Message.
   function Receive
     (Socket : C.int; Vectors : System.Address; Count : C.size_t; Nbytes : access C.long; Message : System.Address;
      Room : C.size_t) return C.int
     with Export, Convention => C, External_Name => "gnat_receive_vector";

end Receiving;
