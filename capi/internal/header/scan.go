package header

import (
	"fmt"
	"strings"
)

type tokenKind int

const (
	tokenEOF tokenKind = iota
	tokenName
	tokenNumber
	tokenPunct
	tokenDoc       // a documentation comment, its text without the decoration
	tokenSection   // a comment that heads the declarations below it: its title
	tokenDirective // a preprocessor line without the #, continuations joined
)

type token struct {
	kind tokenKind
	text string
	line int
	end  int // the line on which it ends
}

// scanner splits a header into tokens. Plain comments are dropped, but for titles of
// sections, and so is what only C++ sees.
type scanner struct {
	file   string
	src    string
	pos    int
	line   int
	tokens []token
}

func scan(file, src string) ([]token, error) {
	s := &scanner{file: file, src: src, line: 1}
	for s.pos < len(s.src) {
		if err := s.next(); err != nil {
			return nil, err
		}
	}
	s.tokens = append(s.tokens, token{kind: tokenEOF, line: s.line, end: s.line})
	return withoutCplusplus(file, s.tokens)
}

func (s *scanner) errorf(format string, args ...any) error {
	return fmt.Errorf("%s:%d: %s", s.file, s.line, fmt.Sprintf(format, args...))
}

func (s *scanner) add(kind tokenKind, text string, from int) {
	s.tokens = append(s.tokens, token{kind: kind, text: text, line: from, end: s.line})
}

func (s *scanner) next() error {
	rest := s.src[s.pos:]
	c := rest[0]
	switch {
	case c == '\n':
		s.line++
		s.pos++
	case c == ' ' || c == '\t' || c == '\r':
		s.pos++
	case strings.HasPrefix(rest, "/*"):
		return s.comment(rest)
	case strings.HasPrefix(rest, "//"):
		s.pos += lineLength(rest)
	case c == '#':
		s.directive(rest)
	case isLetter(c):
		s.pos += s.word(tokenName, rest)
	case isDigit(c):
		s.pos += s.word(tokenNumber, rest)
	case strings.IndexByte("(){}[];,*=-", c) >= 0:
		s.add(tokenPunct, rest[:1], s.line)
		s.pos++
	case c == '"':
		end := strings.IndexAny(rest[1:], "\"\n")
		if end < 0 || rest[1+end] == '\n' {
			return s.errorf("unterminated string")
		}
		s.add(tokenPunct, rest[:end+2], s.line)
		s.pos += end + 2
	default:
		return s.errorf("unexpected character %q", c)
	}
	return nil
}

func (s *scanner) word(kind tokenKind, rest string) int {
	n := 1
	for n < len(rest) && (isLetter(rest[n]) || isDigit(rest[n])) {
		n++
	}
	s.add(kind, rest[:n], s.line)
	return n
}

func (s *scanner) comment(rest string) error {
	end := strings.Index(rest[2:], "*/")
	if end < 0 {
		return s.errorf("unterminated comment")
	}
	text, from := rest[:end+4], s.line
	s.line += strings.Count(text, "\n")
	s.pos += len(text)
	if strings.HasPrefix(text, "/**") && len(text) > len("/**/") {
		s.add(tokenDoc, undecorate(text), from)
	} else if title := strings.TrimSpace(strings.TrimRight(text[2:len(text)-2], " -")); strings.HasSuffix(text, "--- */") {
		s.add(tokenSection, title, from)
	}
	return nil
}

func (s *scanner) directive(rest string) {
	var b strings.Builder
	from, n := s.line, 0
	for {
		part := rest[n : n+lineLength(rest[n:])]
		n += len(part)
		continued := strings.HasSuffix(part, "\\") && n < len(rest)
		b.WriteString(strings.TrimSuffix(part, "\\"))
		if !continued {
			break
		}
		n++ // the line feed
		s.line++
	}
	s.add(tokenDirective, strings.TrimSpace(strings.TrimPrefix(b.String(), "#")), from)
	s.pos += n
}

// undecorate returns the text of a documentation comment, without the stars.
func undecorate(comment string) string {
	comment = strings.TrimSuffix(strings.TrimPrefix(comment, "/**"), "*/")
	lines := strings.Split(comment, "\n")
	for i, line := range lines {
		line = strings.TrimSpace(line)
		if i > 0 {
			line = strings.TrimPrefix(strings.TrimPrefix(line, "*"), " ")
		}
		lines[i] = strings.TrimRight(line, " \t")
	}
	return strings.Trim(strings.Join(lines, "\n"), "\n")
}

// withoutCplusplus drops what stands between #ifdef __cplusplus and its #endif.
func withoutCplusplus(file string, tokens []token) ([]token, error) {
	var kept []token
	skipFrom := 0
	for _, t := range tokens {
		switch {
		case skipFrom != 0 && t.kind == tokenEOF:
			return nil, fmt.Errorf("%s:%d: #ifdef __cplusplus without #endif", file, skipFrom)
		case skipFrom != 0 && t.kind == tokenDirective && t.text == "endif":
			skipFrom = 0
		case skipFrom != 0 && t.kind == tokenDirective:
			return nil, fmt.Errorf("%s:%d: #%s inside #ifdef __cplusplus", file, t.line, t.text)
		case skipFrom != 0:
		case t.kind == tokenDirective && t.text == "ifdef __cplusplus":
			skipFrom = t.line
		default:
			kept = append(kept, t)
		}
	}
	return kept, nil
}

func lineLength(s string) int {
	if n := strings.IndexByte(s, '\n'); n >= 0 {
		return n
	}
	return len(s)
}

func isLetter(c byte) bool {
	return c == '_' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }
