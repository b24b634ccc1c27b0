with Ada.Exceptions;
with Ada.Streams;
with GNAT.Sockets;

package body Receiving is

   use type C.int;
   use type C.size_t;

   --  GNAT.Sockets has the number of an error in the text of its exception: "[11] Resource temporarily unavailable".
   function Number_In (Text : String) return C.int is
   begin
      for I in Text'First + 1 .. Text'Last loop
         if Text (Text'First) = '[' and then Text (I) = ']' then
            return C.int'Value (Text (Text'First + 1 .. I - 1));
         end if;
      end loop;
      return -1;
   exception
      when Constraint_Error =>
         return -1;
   end Number_In;

   function Receive
     (Socket : C.int; Vectors : System.Address; Count : C.size_t; Nbytes : access C.long; Message : System.Address;
      Room : C.size_t) return C.int
   is
      Vector   : GNAT.Sockets.Vector_Type (1 .. Integer (Count)) with Import, Address => Vectors;
      Received : Ada.Streams.Stream_Element_Count;
   begin
      GNAT.Sockets.Receive_Vector (GNAT.Sockets.To_Ada (Integer (Socket)), Vector, Received);
      Nbytes.all := C.long (Received);
      return 0;
   exception
      when Problem : others =>
         declare
            Text : constant String := Ada.Exceptions.Exception_Message (Problem);
            Copy : C.char_array (1 .. Room) with Import, Address => Message;
            Used : C.size_t := 0;
         begin
            for Letter of Text loop
               exit when Used = Room - 1;
               Used := Used + 1;
               Copy (Used) := C.To_C (Letter);
            end loop;
            Copy (Used + 1) := C.nul;
            return Number_In (Text);
         end;
   end Receive;

end Receiving;
