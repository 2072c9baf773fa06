package tlstest

import "golang.org/x/sys/unix"

// Pipe is one direction of a connection.
type Pipe struct {
	Data   []byte
	Ended  bool
	Room   int // how much it takes before it is read; 0: all
	Pieces int // the most that is read at once; 0: all
}

// End is the transport of one end.
type End struct{ In, Out *Pipe }

// Ends returns those of a connection.
func Ends() (one, other End) {
	there, back := &Pipe{}, &Pipe{}
	return End{back, there}, End{there, back}
}

func (e *End) Recv(p []byte) (int, error) {
	if e.In.Pieces > 0 {
		p = p[:min(len(p), e.In.Pieces)]
	}
	n := copy(p, e.In.Data)
	e.In.Data = e.In.Data[n:]
	if n == 0 && !e.In.Ended {
		return -1, unix.EAGAIN
	}
	return n, nil
}

func (e *End) Send(parts [][]byte) (int, error) {
	total := 0
	for _, p := range parts {
		if e.Out.Room > 0 {
			p = p[:min(len(p), max(0, e.Out.Room-len(e.Out.Data)))]
		}
		e.Out.Data = append(e.Out.Data, p...)
		total += len(p)
	}
	if total == 0 {
		return 0, unix.EAGAIN
	}
	return total, nil
}
