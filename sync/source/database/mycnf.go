package database

import (
	"bufio"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"syncline/sync/plainfile"
)

// clientFiles are the settings of the mysql program: the section client of
// .my.cnf, which may hold a password.
type clientFiles map[string]string

// readClientFiles reads .my.cnf of the person. One that is not there, or that is no
// ordinary file, says nothing.
func readClientFiles(o Login) (clientFiles, error) {
	files := clientFiles{}
	home := o.Home
	if home == "" {
		var err error
		if home, err = os.UserHomeDir(); err != nil {
			return files, nil //nolint:nilerr // without a home there is no such file
		}
	}
	f, _, err := plainfile.Open(filepath.Join(home, ".my.cnf"))
	if err != nil {
		return files, nil //nolint:nilerr // as the mysql program does
	}
	defer f.Close()
	within := false
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		line := strings.TrimSpace(lines.Text())
		switch {
		case line == "" || line[0] == '#' || line[0] == ';' || line[0] == '!':
		case line[0] == '[':
			within = line == "[client]" || line == "[mysql]" || line == "[client-mariadb]"
		case within:
			name, value, _ := strings.Cut(line, "=")
			files[strings.ReplaceAll(strings.TrimSpace(name), "_", "-")] = unquote(strings.TrimSpace(value))
		}
	}
	return files, lines.Err()
}

func unquote(text string) string {
	if n := len(text); n >= 2 && (text[0] == '"' || text[0] == '\'') && text[n-1] == text[0] {
		return text[1 : n-1]
	}
	return text
}

// complete fills what the address leaves open.
func (f clientFiles) complete(a Address) Address {
	if a.Host == "" {
		a.Host = f["host"]
		if a.Host == "" {
			a.Host = f["socket"]
		}
		if port, err := strconv.Atoi(f["port"]); err == nil && a.Port == 0 {
			a.Port = port
		}
	}
	if a.User == "" {
		a.User = f["user"]
	}
	return a
}

// password is that of the files or of MYSQL_PWD. That of the file goes to the host
// of the file only: a definition may name another one.
func (f clientFiles) password(a Address, o Login) string {
	getenv := o.Getenv
	if getenv == nil {
		getenv = os.Getenv
	}
	if word := getenv("MYSQL_PWD"); word != "" {
		return word
	}
	host := f["host"]
	if strings.EqualFold(host, a.Host) || host == "" && a.Local() {
		if user := f["user"]; user == "" || user == a.User {
			return f["password"]
		}
	}
	return ""
}
