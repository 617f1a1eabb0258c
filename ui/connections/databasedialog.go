package connections

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"syncline/app"
	"syncline/app/vault"
	"syncline/ui/layouts"
	"syncline/ui/look"
	"syncline/ui/shell"
	"syncline/ui/widgets"
	"syncline/ui/wording"
)

// databaseKinds are the kinds of database, in the order of the dialog.
var databaseKinds = []string{"postgres", "mysql", "sqlite"}

// tlsModes are the ways in which the connection is protected, in the order of the
// dialog.
var tlsModes = []struct{ mode, words string }{
	{"", "Choose by the host (recommended)"},
	{"verify-full", "verify-full: certificate and name are checked"},
	{"verify-ca", "verify-ca: the certificate is checked, its name is not"},
	{"require", "require: encrypted, but whoever answers is trusted"},
	{"prefer", "prefer: encrypted if the server offers it"},
	{"disable", "disable: never encrypted"},
}

// prefDatabaseFolder is the folder of the SQLite file that was chosen last.
const prefDatabaseFolder = "folder.database"

// sqliteEndings are how files of SQLite are usually called; any other may be one.
var sqliteEndings = []string{".db", ".sqlite", ".sqlite3", ".db3"}

// databaseDialog adds a database, or changes how one is reached.
type databaseDialog struct {
	w      *shell.Window
	change *app.DatabaseView // nil for a new one
	done   func(name string)

	dialog   *widgets.Dialog
	kind     *widgets.Segment
	name     *widgets.Entry
	path     *widgets.Entry
	host     *widgets.Entry
	port     *widgets.Entry
	database *widgets.Entry
	user     *widgets.Entry
	password *widgets.Entry
	tls      *widgets.Select
	weak     *widgets.Paragraph
	server   *widgets.Entry // the SSH server, with what belongs to it
	key      *widgets.Entry
	jump     *widgets.Entry
	tunnel   *fyne.Container
	fields   *fyne.Container
	said     *fyne.Container // what is under way, or came of it
	try      *widgets.Button

	attempt int // counts what was tried; an answer to an older one comes too late
	cancel  context.CancelFunc
	keep    bool // the password stays in memory, where there is no keychain
}

// OpenDatabase asks for a connection to a database; change is one whose address is
// to be another, nil for a new one. done is told its name.
func OpenDatabase(w *shell.Window, change *app.DatabaseView, done func(name string)) {
	d := &databaseDialog{w: w, change: change, done: done}
	d.make()
	d.dialog.Open(w.Win.Canvas())
}

func (d *databaseDialog) make() {
	d.name, d.path = widgets.NewEntry("Billing"), widgets.NewEntry("Choose a file")
	d.host, d.port = widgets.NewEntry("db.example.com, or a whole address"), widgets.NewEntry("usual")
	d.database, d.user = widgets.NewEntry("billing"), widgets.NewEntry("syncline")
	d.password = widgets.NewSecretEntry("Kept in the keychain")
	d.server, d.key, d.jump = widgets.NewEntry("ann@bastion.example.com"), widgets.NewEntry("The keys of the agent"), widgets.NewEntry("None")
	d.weak = widgets.NewParagraph("", look.Small, look.Conflict.Text())
	words := make([]string, 0, len(tlsModes))
	for _, m := range tlsModes {
		words = append(words, m.words)
	}
	d.tls = widgets.NewSelect(words, 0, func(int) { d.changed() })
	for _, e := range []*widgets.Entry{d.host, d.port, d.database, d.user} {
		e.OnChanged = func(string) { d.changed() }
	}
	names := make([]string, 0, len(databaseKinds))
	for _, k := range databaseKinds {
		names = append(names, app.DatabaseKindName(k))
	}
	title, sub, kind := "Add a database", "A table of it becomes the other side of a sync", 0
	if d.change != nil {
		title, sub = "Change "+d.change.Name, "Syncs name the address: those of the old one stay with it"
		kind = max(slices.Index(databaseKinds, d.change.Kind), 0)
		d.take(*d.change)
	}
	d.kind = widgets.NewTextSegment(names, kind, func(int) { d.lay() })
	d.fields, d.said = widgets.NewColumn(6), widgets.NewColumn(8)
	d.makeTunnel()
	content := widgets.NewPaddedColumn(10, 4, 4, container.NewHBox(d.kind), d.fields, d.said)
	d.dialog = widgets.NewDialog(title, sub, content)
	d.dialog.Note, d.dialog.NoteIcon = "The password goes to the keychain", "lock"
	d.try = widgets.NewButton(widgets.Plain, "retry", "Test", func() { d.begin(false) })
	d.dialog.Others = []*widgets.Button{widgets.NewButton(widgets.Plain, "", "Cancel", func() { d.dialog.Cancel() }), d.try}
	d.dialog.Primary = widgets.NewButton(widgets.Primary, "database", "Test and add", func() { d.begin(true) })
	if d.change != nil {
		d.dialog.Primary.SetText("Test and save")
	}
	d.dialog.OnCancel = d.stop
	d.dialog.First = d.name
	d.lay()
}

// take fills the form in with what a connection has.
func (d *databaseDialog) take(v app.DatabaseView) {
	f := app.FormOf(v.Database)
	d.name.SetText(v.Name)
	d.path.SetText(f.Path)
	d.host.SetText(f.Host)
	d.port.SetText(f.Port)
	d.database.SetText(f.Database)
	d.user.SetText(f.User)
	d.password.PlaceHolder = "Empty: the one in the keychain"
	for i, m := range tlsModes {
		if m.mode == f.TLS {
			d.tls.Selected = i
		}
	}
	if t := v.Tunnel; t != nil {
		d.server.SetText(t.Server)
		d.key.SetText(t.Key)
		d.jump.SetText(t.Jump)
	}
}

// makeTunnel makes the fields of the SSH server, which are folded away until
// somebody needs them.
func (d *databaseDialog) makeTunnel() {
	choose := widgets.NewButton(widgets.Plain, "folder", "Choose…", func() {
		d.w.ChooseFile("Choose a key file", "Use this key", "Keys", nil, prefDatabaseFolder, func(path string) {
			d.key.SetText(path)
			d.refresh()
		})
	})
	d.tunnel = widgets.NewColumn(6,
		layouts.Labelled("SSH server, as the address of your sign-in there", d.server),
		layouts.Beside(0, layouts.Labelled("Key file", container.NewBorder(nil, nil, nil, choose, d.key)), layouts.Labelled("One more server on the way to it", d.jump)),
		widgets.NewParagraph("The servers must be in ~/.ssh/known_hosts. Host and port above are then those that the SSH server sees.", look.Small, look.T2))
	d.tunnel.Hide()
}

// lay shows the fields of the kind that is chosen.
func (d *databaseDialog) lay() {
	d.said.Objects = nil
	d.dialog.Note = "The password goes to the keychain"
	if d.sqlite() {
		choose := widgets.NewButton(widgets.Plain, "folder", "Choose a file…", func() {
			d.w.ChooseFile("Choose a SQLite file", "Use this file", "SQLite files", nil, prefDatabaseFolder, d.chosen)
		})
		d.dialog.Note = "It is opened as it is"
		d.fields.Objects = []fyne.CanvasObject{
			layouts.Labelled("Name of this connection", d.name),
			layouts.Labelled("SQLite file", container.NewBorder(nil, nil, nil, choose, d.path)),
			widgets.NewParagraph("On a disk of this computer: on a network share SQLite’s locks don’t hold.", look.Small, look.T2),
		}
		d.refresh()
		return
	}
	fold := widgets.NewFold("lock", "Through an SSH server", func(open bool) {
		if open {
			d.tunnel.Show()
		} else {
			d.tunnel.Hide()
		}
		d.refresh()
	})
	if d.server.Text != "" {
		fold.Open = true
		d.tunnel.Show()
	}
	d.fields.Objects = []fyne.CanvasObject{
		layouts.Labelled("Name of this connection", d.name),
		layouts.Beside(110, layouts.Labelled("Host", d.host), layouts.Labelled("Port", d.port)),
		layouts.Beside(0, layouts.Labelled("Database", d.database), layouts.Labelled("User", d.user)),
		layouts.Beside(0, layouts.Labelled("Password", d.password), layouts.Labelled("Encryption (TLS)", d.tls)),
		d.weak, fold, d.tunnel,
	}
	d.changed()
}

// chosen takes a SQLite file, and its name where the connection has none yet.
func (d *databaseDialog) chosen(path string) {
	d.path.SetText(path)
	if d.name.Text == "" {
		base := path[strings.LastIndexAny(path, `/\`)+1:]
		for _, ending := range sqliteEndings {
			base = strings.TrimSuffix(base, ending)
		}
		d.name.SetText(base)
	}
	d.refresh()
}

func (d *databaseDialog) sqlite() bool { return databaseKinds[d.kind.Selected] == "sqlite" }

// form is what is filled in.
func (d *databaseDialog) form() app.DatabaseForm {
	return app.DatabaseForm{Kind: databaseKinds[d.kind.Selected], Path: strings.TrimSpace(d.path.Text), Host: d.host.Text, Port: d.port.Text,
		Database: d.database.Text, User: d.user.Text, TLS: tlsModes[max(d.tls.Selected, 0)].mode}
}

// changed says what the chosen encryption does not protect from.
func (d *databaseDialog) changed() {
	weak := ""
	if !d.sqlite() {
		weak = d.form().Weak()
	}
	d.weak.SetText(weak)
	if weak == "" {
		d.weak.Hide()
	} else {
		d.weak.Show()
	}
	d.refresh()
}

func (d *databaseDialog) refresh() {
	d.fields.Refresh()
	if d.dialog != nil {
		d.dialog.Refresh()
	}
}

// databaseTried is what came of a test.
type databaseTried struct {
	check app.DatabaseCheck
	name  string // of the connection that was kept, "" for none
}

// begin tests what is filled in, and with add keeps it.
func (d *databaseDialog) begin(add bool) {
	d.stop()
	address, err := d.form().Address()
	if err != nil {
		d.failed(err)
		return
	}
	n := app.NewDatabase{Name: strings.TrimSpace(d.name.Text), Address: address, Password: d.password.Text, Keep: d.keep, New: d.change == nil}
	if server := strings.TrimSpace(d.server.Text); server != "" && !d.sqlite() {
		n.Tunnel = &app.Tunnel{Server: server, Key: strings.TrimSpace(d.key.Text), Jump: strings.TrimSpace(d.jump.Text)}
	}
	if d.sqlite() {
		n.Password = ""
	}
	rename := d.change != nil && add && !strings.EqualFold(d.change.Name, n.Name)
	d.attempt++
	mine := d.attempt
	ctx, cancel := context.WithCancel(d.w.Ctx)
	d.cancel = cancel
	step := func(what string) {
		d.dialog.Primary.SetReason(what)
		d.try.SetReason(what)
		d.said.Objects = []fyne.CanvasObject{widgets.NewLine(what+" …", look.Small, look.T2)}
		d.refresh()
	}
	step("Connecting")
	n.Step = func(what string) {
		d.w.Post(func() {
			if mine == d.attempt {
				step(what)
			}
		})
	}
	shell.Load(d.w, func(context.Context) (r databaseTried, err error) {
		if !add {
			r.check, err = d.w.App.TryDatabase(ctx, n)
			return r, err
		}
		name := n.Name
		if rename {
			n.Name = d.change.Name // until it is known that it works
		}
		var kept app.Database
		kept, r.check, err = d.w.App.AddDatabase(ctx, n)
		if err == nil && rename {
			kept.Name, err = name, d.w.App.RenameDatabase(ctx, d.change.Name, name)
		}
		if err == nil {
			r.name = kept.Name
		}
		return r, err
	}, func(r databaseTried) {
		if mine == d.attempt {
			d.worked(r)
		} else if r.name != "" {
			d.done(r.name) // it was given up a moment too late
		}
	}, func(err error) {
		if mine == d.attempt {
			d.failed(err)
		}
	})
}

// worked shows what a test found, or closes the dialog where the connection was kept.
func (d *databaseDialog) worked(r databaseTried) {
	d.stop()
	d.free()
	text := fmt.Sprintf("%s · %s", version(r.check.Version), look.Count(r.check.Tables, "table", "tables"))
	if r.name == "" {
		d.said.Objects = []fyne.CanvasObject{widgets.NewNotice(look.Create, "check-circle", "It works", text)}
		if r.check.Weak != "" {
			d.said.Add(widgets.NewNotice(look.Conflict, "", "", r.check.Weak))
		}
		d.refresh()
		return
	}
	d.password.SetText("")
	d.dialog.Close()
	m, said := look.Create, r.name+" is connected: "+look.Count(r.check.Tables, "table", "tables")
	if r.check.InMemory {
		m, said = look.Conflict, r.name+" is connected until you quit"
	}
	d.w.Toast(m, said, "", nil)
	d.done(r.name)
}

// version is the first words of what a server calls itself.
func version(text string) string {
	words := strings.Fields(text)
	return strings.Join(words[:min(len(words), 2)], " ")
}

// failed says why, and offers to keep the password in memory where there is no
// keychain.
func (d *databaseDialog) failed(err error) {
	d.stop()
	d.free()
	if errors.Is(err, context.Canceled) {
		return
	}
	var actions []*widgets.Button
	if vault.MayKeep(err) {
		actions = append(actions, widgets.NewButton(widgets.Plain, "", "Keep it until I quit", func() {
			d.keep = true
			d.begin(true)
		}))
	}
	what, do := wording.Trouble(err)
	if look.Strong.Width(what) > 540 { // a title has one line
		d.said.Objects = []fyne.CanvasObject{widgets.NewErrorPanel("It does not work yet", wording.JoinSentences(what, do), "", actions...)}
	} else {
		d.said.Objects = []fyne.CanvasObject{widgets.NewErrorPanel(what, do, "", actions...)}
	}
	d.refresh()
}

// free lets the buttons be pressed again.
func (d *databaseDialog) free() {
	d.said.Objects = nil
	d.dialog.Primary.SetReason("")
	d.try.SetReason("")
	d.refresh()
}

// stop ends what is under way.
func (d *databaseDialog) stop() {
	d.attempt++
	if d.cancel != nil {
		d.cancel()
		d.cancel = nil
	}
}
