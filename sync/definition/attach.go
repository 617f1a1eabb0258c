package definition

import (
	"path"
	"slices"
	"strings"

	"syncline/sync/record"
)

// Attach is what the file of each row is, and where it goes. HubSpot.Match then says
// by one key which record each is attached to.
type Attach struct {
	Of     string // the object type of those records
	Field  string // the column with the paths of the files
	From   string `json:",omitempty"` // the folder that they are in, beside the document; "" = that of the document
	Folder string // in HubSpot, such as /contracts
	Access string // private, hidden or public
}

// Accesses are who can see a file in HubSpot: the account's users; the same, and it is
// not listed among the files; whoever has its address.
var Accesses = []string{"private", "hidden", "public"}

// FilesPath is the folder that the files of a document are in, as it can be opened.
func (d *Definition) FilesPath() string {
	if d.Deliver.Attach.From == "" {
		return beside(d.Path, ".")
	}
	return beside(d.Path, d.Deliver.Attach.From)
}

var attachPart = &part{name: "hubspot, object: file", says: "The file of each row is uploaded to HubSpot and attached to a record by a note, once. The same content is uploaded once, in however many rows it stands. In `fields`, which may be left out, a `property` is one of the note's. A row that changes after its file was attached is left out, and so is one whose file does.", keys: []key{
	hubspotPart.key("portal"),
	{name: "object", kind: aWord, words: []string{string(ToFile)}, needed: true, says: "That files are attached.", example: string(ToFile)},
	{name: "of", kind: aText, needed: true, says: "The object type of the records that get the files.", example: "contacts"},
	{name: "match", kind: aGroup, needed: true, says: "How a row finds the record: a column (`field`) and the `property` that it must equal, or `hs_object_id` for the record's id. A row waits until one record has its value.", example: "{ field: Email, property: email }"},
	{name: "file", kind: aText, needed: true, says: "The column with the paths of the files, one in a cell. An empty cell attaches nothing.", example: "Contract"},
	{name: "from", kind: aText, without: "the folder of the document", says: "The folder on this computer that the paths begin in. A file outside of it is not taken.", example: "scans"},
	{name: "folder", kind: aText, needed: true, says: "The folder in HubSpot's file manager that the files go to; it is made where it is not there.", example: "/Syncline/contracts"},
	{name: "access", kind: aWord, words: Accesses, without: "private", says: "Who can see a file in HubSpot: the account's users (`private`); the same, and the file is not listed in the file manager (`hidden`); or whoever has its address (`public`).", example: "public"},
}}

// attach reads what is peculiar to files.
func (r *reader) attach(s section, d *Definition) {
	d.HubSpot.Match = []MatchKey{{}}
	a := &Attach{
		Of:     s.required("of", "name the object type of the records that get the files, such as contacts."),
		Field:  s.required("file", "name the column with the paths of the files."),
		From:   s.text("from"),
		Folder: s.required("folder", "name the folder in HubSpot that the files go to, such as /contracts."),
		Access: s.word("access"),
	}
	if a.Folder != "" {
		clean := path.Clean("/" + a.Folder)
		if clean == "/" || slices.Contains(strings.Split(a.Folder, "/"), "..") {
			s.problem("folder", "must name a folder of HubSpot's file manager, such as /contracts.")
		}
		a.Folder = clean
	}
	if s.missing("match") {
		s.problem("match", "is missing: say which record a file is for, such as { field: Email, property: email }.")
	}
	if m, ok := s.find("match"); ok {
		d.HubSpot.Match[0] = r.matchKey(m.value, s.sub("match"))
	}
	d.Deliver.Attach = a
}

func (w *writer) attach(a *Attach) {
	if a == nil {
		return
	}
	w.text(2, "of", a.Of)
	w.text(2, "file", a.Field)
	w.text(2, "from", a.From)
	w.text(2, "folder", a.Folder)
	w.pair(2, "access", without(a.Access, Accesses[0]))
}

// IsLink reports whether a cell holds a link rather than a path.
func IsLink(cell string) bool {
	before, _, ok := strings.Cut(record.Trimmed(cell), "://")
	return ok && before != "" && !strings.ContainsAny(before, "/\\. ")
}
