package database

import (
	"fmt"
	"strings"
)

// Rights are the least that a sync needs of a table.
type Rights struct {
	Address Address
	Table   string // as a definition has it
	User    string
	Read    []string // columns
	Update  []string // columns that flow back
	Insert  []string // columns that new rows are given; none where no rows are made
	Delete  bool     // then of a row all is kept, so that all columns are read
}

// Grants is the script that gives a user of the database the rights, and none
// beyond them. It is to be carried out by its administrator. A file of SQLite has
// no users: its permissions are those of the file.
func Grants(r Rights) string {
	switch r.Address.Kind {
	case Postgres:
		return r.postgres()
	case MySQL:
		return r.maria()
	}
	return "-- A SQLite database has no users: whoever may write the file and its folder may write its tables.\n"
}

// columns are names in brackets.
func columns(d dialect, names []string) string {
	quoted := make([]string, 0, len(names))
	for _, n := range names {
		quoted = append(quoted, d.quote(n))
	}
	return "(" + strings.Join(quoted, ", ") + ")"
}

// list are the rights as one GRANT has them.
func (r Rights) list(d dialect) string {
	rights := []string{"SELECT " + columns(d, r.Read)}
	if r.Delete {
		rights = []string{"SELECT"}
	}
	if len(r.Update) > 0 {
		rights = append(rights, "UPDATE "+columns(d, r.Update))
	}
	if len(r.Insert) > 0 {
		rights = append(rights, "INSERT "+columns(d, r.Insert))
	}
	if r.Delete {
		rights = append(rights, "DELETE")
	}
	return strings.Join(rights, ", ")
}

func (r Rights) split() (schema, table string) {
	if i := strings.LastIndexByte(r.Table, '.'); i > 0 {
		return r.Table[:i], r.Table[i+1:]
	}
	return "", r.Table
}

// readings says of a name with a dot how it was read, and what it may be else:
// only the server knows which, and it is not asked.
func (r Rights) readings(d dialect, schema string) string {
	var b strings.Builder
	for _, s := range splits(r.Table) {
		if s[0] == "" {
			s[0] = schema
		}
		if from, table := r.split(); from != "" && (s[0] != from || s[1] != table) {
			fmt.Fprintf(&b, "-- If the dot is part of a name, and the table is %[2]s of %[1]s, put %[1]s.%[2]s in its place.\n", remark(d.quote(s[0])), remark(d.quote(s[1])))
		}
	}
	return b.String()
}

func (r Rights) postgres() string {
	d := postgres{}
	schema, table := r.split()
	if schema == "" {
		schema = "public"
	}
	user := d.quote(r.User)
	var b strings.Builder
	fmt.Fprintf(&b, "-- CREATE ROLE %s LOGIN PASSWORD '…';\n", remark(user))
	if r.Address.Database != "" {
		fmt.Fprintf(&b, "GRANT CONNECT ON DATABASE %s TO %s;\n", d.quote(r.Address.Database), user)
	}
	b.WriteString(r.readings(d, "public"))
	fmt.Fprintf(&b, "GRANT USAGE ON SCHEMA %s TO %s;\n", d.quote(schema), user)
	fmt.Fprintf(&b, "GRANT %s ON TABLE %s.%s TO %s;\n", r.list(d), d.quote(schema), d.quote(table), user)
	b.WriteString(r.followers())
	if len(r.Insert) > 0 {
		b.WriteString("-- Where a column of the table is a serial one (nextval), new rows need its sequence too:\n")
		fmt.Fprintf(&b, "-- GRANT USAGE ON SEQUENCE %s.… TO %s;\n", remark(d.quote(schema)), remark(user))
	}
	return b.String()
}

// followers says what the script can't know: which tables would follow a deletion.
func (r Rights) followers() string {
	if !r.Delete {
		return ""
	}
	return "-- Where other tables refer to this one with ON DELETE CASCADE or SET NULL, grant SELECT on them too:\n" +
		"-- a row that they would follow is then not deleted. MySQL and MariaDB hide those that the user has no right to.\n"
}

// remark is a name that does not end the comment that it stands in.
func remark(name string) string { return strings.NewReplacer("\n", " ", "\r", " ").Replace(name) }

func (r Rights) maria() string {
	d := maria{}
	schema, table := r.split()
	if schema == "" {
		schema = r.Address.Database
	}
	user := d.literal(r.User) + "@'%'"
	return fmt.Sprintf("-- CREATE USER %s IDENTIFIED BY '…';\n%sGRANT %s ON %s.%s TO %s;\n", remark(user), r.readings(d, r.Address.Database), r.list(d), d.quote(schema), d.quote(table), user) + r.followers()
}
