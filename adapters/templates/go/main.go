// An adapter of the recvmsg conformance suite: README.md says what to change.
package main

import (
	"bufio"
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"log"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

type reply map[string]any

type item struct {
	level, kind int32
	data        []byte
}

// Who is judged, and what its interface can express.
func hello() reply {
	return reply{"protocol": 1, "name": "unix.RecvmsgBuffers", "version": "0.30.0", "language": "Go",
		"capabilities": []string{"scatter", "flags", "msg_flags", "ancillary", "rights", "all_items", "ancbufsize",
			"nonblocking", "system_wait"}}
}

// ---- YOUR IMPLEMENTATION: its call takes the place of RecvmsgBuffers here.
// receive fills parts. It returns the number of bytes, the ancillary items, and the flags that came back.
func receive(fd int, parts [][]byte, ancbufsize, flags int, wait bool) (int, []item, int, error) {
	_ = unix.SetNonblock(fd, !wait) // what is wrong with fd, the call itself says
	oob := make([]byte, ancbufsize)
	n, oobn, msgFlags, _, err := unix.RecvmsgBuffers(fd, parts, oob, flags)
	if err != nil {
		return 0, nil, 0, err
	}
	items := []item{}
	for rest := oob[:oobn]; len(rest) >= unix.CmsgLen(0); {
		header, data, remainder, err := unix.ParseOneSocketControlMessage(rest)
		if err != nil {
			break
		}
		items = append(items, item{header.Level, header.Type, data})
		rest = remainder
	}
	return n, items, msgFlags, nil
}

// ---- What follows need not change.

type request struct {
	ID         int
	Op         string
	FD         int
	Ancbufsize int
	Flags      int
	TimeoutMS  *int `json:"timeout_ms"`
	FDs        []int
	Buffers    []struct {
		Size int
		Fill *string
		From int
		To   *int
	}
}

func recvmsgInto(r request) reply {
	var storages, parts [][]byte
	for _, entry := range r.Buffers {
		fill, to := []byte{0xee}, entry.Size
		if entry.Fill != nil {
			fill, _ = hex.DecodeString(*entry.Fill)
		}
		if entry.To != nil {
			to = *entry.To
		}
		storage := bytes.Repeat(fill, entry.Size/len(fill)+1)[:entry.Size]
		storages = append(storages, storage)
		parts = append(parts, storage[entry.From:to])
	}
	n, items, msgFlags, err := receive(r.FD, parts, r.Ancbufsize, r.Flags, r.TimeoutMS == nil || *r.TimeoutMS != 0)
	result := reply{}
	if err != nil {
		var number any // null, unless the system gave one
		var errno syscall.Errno
		if errors.As(err, &errno) {
			number = int(errno)
		}
		result["error"] = reply{"class": "error", "errno": number, "message": err.Error()}
	} else {
		ancdata := [][3]any{}
		for _, one := range items {
			ancdata = append(ancdata, [3]any{one.level, one.kind, hex.EncodeToString(one.data)})
		}
		result = reply{"nbytes": n, "ancdata": ancdata, "msg_flags": msgFlags}
	}
	contents := []string{}
	for _, storage := range storages {
		contents = append(contents, hex.EncodeToString(storage))
	}
	result["buffers"] = contents
	return result
}

func answer(r request) reply {
	switch r.Op {
	case "hello":
		return hello()
	case "recvmsg_into":
		return recvmsgInto(r)
	case "close":
		for _, fd := range r.FDs {
			_ = unix.Close(fd) // passes over what is not open
		}
		return reply{}
	case "bye":
		return reply{}
	}
	return reply{"unsupported": r.Op}
}

func main() {
	requests, replies := bufio.NewReader(os.Stdin), json.NewEncoder(os.Stdout)
	for {
		line, err := requests.ReadBytes('\n')
		if err == io.EOF {
			return
		}
		var r request
		if err = json.Unmarshal(line, &r); err != nil {
			log.Fatalf("%v in the request %s", err, line)
		}
		fields := answer(r)
		fields["id"] = r.ID
		if err = replies.Encode(fields); err != nil || r.Op == "bye" {
			return
		}
	}
}
