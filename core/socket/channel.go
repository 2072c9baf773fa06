package socket

import (
	"fmt"

	"qnet/core/sctp"
)

// Channels of a device (QIODevice): an SCTP socket may have many, all others have one in each
// direction.

// channelBits are those of a channel's number in the argument of SignalChannelBytesWritten,
// above the number of bytes.
const channelBits = 16

// WrittenOn returns the argument of SignalChannelBytesWritten.
func WrittenOn(channel, bytes int) int64 {
	return int64(channel)<<(63-channelBits) | int64(bytes)
}

// Written returns what WrittenOn was given.
func Written(arg int64) (channel int, bytes int64) {
	const low = 63 - channelBits
	return int(arg >> low), arg & (1<<low - 1)
}

// ReadChannelCount returns how many channels can be read (QIODevice::readChannelCount).
func (s *Socket) ReadChannelCount() int {
	if s.mode&ReadOnly == 0 || !s.channelled {
		return 0
	}
	if x := s.Channels(); x != nil {
		return x.in
	}
	return 1
}

// WriteChannelCount returns how many channels can be written (QIODevice::writeChannelCount).
func (s *Socket) WriteChannelCount() int {
	if s.mode&WriteOnly == 0 || !s.channelled || s.state != Connected && s.state != Closing {
		return 0
	}
	if x := s.Channels(); x != nil {
		return x.out
	}
	return 1
}

// CurrentReadChannel returns the channel that is read (QIODevice::currentReadChannel).
func (s *Socket) CurrentReadChannel() int {
	if x := s.Channels(); x != nil {
		return x.reading
	}
	return 0
}

// SetCurrentReadChannel has a channel read, which need not exist yet. Qt does the same on a
// socket that never has it, and ends the process then
// (QIODevice::setCurrentReadChannel).
func (s *Socket) SetCurrentReadChannel(channel int) {
	const function = "set_current_read_channel"
	switch {
	case !s.mayHave(function, channel):
	case s.transacting:
		s.misused(function, "a transaction is under way")
	case s.Channels() != nil:
		s.Channels().setReading(channel)
	}
}

// CurrentWriteChannel returns the channel that is written (QIODevice::currentWriteChannel).
func (s *Socket) CurrentWriteChannel() int {
	if x := s.Channels(); x != nil {
		return x.writing
	}
	return 0
}

// SetCurrentWriteChannel has a channel written, which need not exist yet
// (QIODevice::setCurrentWriteChannel).
func (s *Socket) SetCurrentWriteChannel(channel int) {
	if s.mayHave("set_current_write_channel", channel) && s.Channels() != nil {
		s.Channels().writing = channel
	}
}

// mayHave reports whether there may be a channel. It is an error, with a warning, if not.
func (s *Socket) mayHave(function string, channel int) bool {
	most := 1
	if s.messageMode() != nil {
		most = sctp.MaxChannels
	}
	if channel >= 0 && channel < most {
		return true
	}
	s.misused(function, fmt.Sprintf("there is no channel %d", channel))
	return false
}
