--  GNAT.Sockets: more vector elements than IOV_MAX. gnatmake gnat_receive_vector.adb && ./gnat_receive_vector
with Ada.Streams;      use Ada.Streams;
with Ada.Text_IO;      use Ada.Text_IO;
with GNAT.Sockets;     use GNAT.Sockets;

procedure Gnat_Receive_Vector is
   Size     : constant := 1_500;
   Left     : Socket_Type;
   Right    : Socket_Type;
   Message  : constant Stream_Element_Array (1 .. Size) := (others => 120);
   Storage  : aliased Stream_Element_Array := (1 .. Size => 45);
   Vector   : Vector_Type (1 .. Size);
   Sent     : Stream_Element_Offset;
   Received : Stream_Element_Count;
   Blocking : Request_Type := (Non_Blocking_IO, True);
begin
   Create_Socket_Pair (Left, Right, Family_Unspec, Socket_Datagram);
   for I in Vector'Range loop
      Vector (I) := (Base => Storage (Stream_Element_Offset (I))'Unchecked_Access, Length => 1);
   end loop;
   Send_Socket (Left, Message, Sent);
   Receive_Vector (Right, Vector, Received);
   Put_Line ("a datagram of 1500 bytes, 1500 elements of 1 byte: Receive_Vector returns" & Received'Image);
   Control_Socket (Right, Blocking);
   Receive_Socket (Right, Storage, Sent);
   Put_Line ("more is there");
exception
   when Socket_Error =>
      Put_Line ("the rest: nothing is there");
end Gnat_Receive_Vector;
