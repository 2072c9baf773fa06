package tunnel

import (
	"slices"
	"strconv"
	"strings"
)

// transfer is what is still to come of a body.
type transfer struct {
	left    int // of the body, or of a chunk
	chunked bool
	line    []byte // of a chunk's frame
	part    part
	read    int
}

// part is what a body in chunks goes on with.
type part uint8

const (
	size     part = iota // a chunk's length
	data                 // the chunk
	dataEnd              // the end of its line
	trailers             // headers, then an empty line
)

// startBody prepares to read the body, and reports whether the connection can be used
// after it: that is so if the proxy keeps it and says where the body ends.
func (r *response) startBody() bool {
	options := append(r.words("connection"), r.words("proxy-connection")...)
	if slices.Contains(options, "close") || r.old && !slices.Contains(options, "keep-alive") {
		return false
	}
	r.body = transfer{}
	if codings := r.words("transfer-encoding"); len(codings) > 0 {
		r.body.chunked = len(codings) == 1 && codings[0] == "chunked" && !r.old
		return r.body.chunked
	}
	lengths := r.words("content-length")
	if len(lengths) == 0 || !isNumber(lengths[0]) || len(slices.Compact(lengths)) > 1 {
		return false
	}
	n, err := strconv.ParseUint(lengths[0], 10, 31)
	r.body.left = int(n)
	return err == nil && n <= maxResponse
}

// readBody reads from in as much as belongs to the body.
func (r *response) readBody(in []byte) (taken int, p progress) {
	b := &r.body
	if !b.chunked {
		taken = min(b.left, len(in))
		b.left -= taken
		if b.left > 0 {
			return taken, incomplete
		}
		return taken, complete
	}
	for taken < len(in) {
		if b.read >= maxResponse {
			return taken, endless
		}
		if b.part == data {
			n := min(b.left, len(in)-taken)
			b.left -= n
			b.read += n
			taken += n
			if b.left == 0 {
				b.part = dataEnd
			}
			continue
		}
		c := in[taken]
		taken++
		b.read++
		if c != '\n' {
			b.line = append(b.line, c)
			continue
		}
		line := strings.TrimRight(string(b.line), "\r")
		b.line = nil
		switch p := b.frame(line); p {
		case incomplete:
		default:
			return taken, p
		}
	}
	return taken, incomplete
}

// frame takes a line between chunks.
func (b *transfer) frame(line string) progress {
	switch b.part {
	case size:
		text, _, _ := strings.Cut(line, ";")
		n, err := strconv.ParseUint(strings.TrimSpace(text), 16, 31)
		if err != nil || n > maxResponse {
			return broken
		}
		b.left, b.part = int(n), data
		if n == 0 {
			b.part = trailers
		}
	case dataEnd:
		if line != "" {
			return broken
		}
		b.part = size
	case trailers:
		if line == "" {
			return complete
		}
	}
	return incomplete
}
