package roots

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"qnet/core/tls/certificate"
)

// Syntax is how a path is meant (QSslCertificate::PatternSyntax).
type Syntax int8

const (
	RegularExpression Syntax = 0 // Go's; all of the path matches
	Wildcard          Syntax = 1 // *, ? and brackets stand for parts of names
	FixedString       Syntax = 2 // one file
)

// FromPath returns the certificates of files, as PEM or DER (QSslCertificate::fromPath).
// With a pattern, files and folders that are hidden are left out.
func FromPath(path string, isDER bool, syntax Syntax) []*certificate.Certificate {
	parse := certificate.FromPEM
	if isDER {
		parse = certificate.FromDER
	}
	var all []*certificate.Certificate
	for _, file := range matching(path, syntax) {
		all = append(all, read(file, parse)...)
	}
	return all
}

// matching returns the paths that a path stands for.
func matching(path string, syntax Syntax) []string {
	switch syntax {
	case FixedString:
		return []string{path}
	case Wildcard:
		return wild(path)
	}
	pattern, err := regexp.Compile("^(?:" + path + ")$")
	if err != nil {
		return nil
	}
	return below(fixed(path), pattern)
}

// wild returns the paths that a pattern stands for.
func wild(pattern string) []string {
	paths := []string{""}
	if strings.HasPrefix(pattern, "/") {
		paths[0] = "/"
	}
	for part := range strings.SplitSeq(strings.Trim(pattern, "/"), "/") {
		var further []string
		for _, path := range paths {
			if !strings.ContainsAny(part, "*?[") {
				further = append(further, filepath.Join(path, part))
				continue
			}
			for _, name := range names(orHere(path)) {
				if ok, err := filepath.Match(part, name); ok && err == nil {
					further = append(further, filepath.Join(path, name))
				}
			}
		}
		paths = further
	}
	return paths
}

// orHere returns a folder, this one if it has no name.
func orHere(folder string) string {
	if folder == "" {
		return "."
	}
	return folder
}

// fixed returns the folders at the beginning of a regular expression that are what they
// read, with the last slash.
func fixed(pattern string) string {
	if special := strings.IndexAny(pattern, `\*?+[](){}|^$`); special >= 0 {
		pattern = pattern[:special]
	}
	folder := pattern[:strings.LastIndexByte(pattern, '/')+1]
	// A dot in the name of a folder may stand for anything: only those that are whole do not.
	for strings.Contains(strings.ReplaceAll(strings.ReplaceAll("/"+folder, "/../", "/"), "/./", "/"), ".") {
		folder = folder[:strings.LastIndexByte(strings.TrimSuffix(folder, "/"), '/')+1]
	}
	return folder
}

// below returns the files in a folder, and in those in it, whose paths match.
func below(folder string, pattern *regexp.Regexp) []string {
	var found []string
	for _, name := range names(orHere(folder)) {
		path := folder + name
		// A link to a folder might lead in circles.
		about, err := os.Lstat(path)
		switch {
		case err != nil:
		case about.Mode()&fs.ModeDir != 0:
			found = append(found, below(path+"/", pattern)...)
		case pattern.MatchString(path):
			found = append(found, path)
		}
	}
	return found
}
