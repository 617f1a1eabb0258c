package command

import (
	"time"

	"github.com/spf13/pflag"
)

// common are the flags that every command knows.
func (c *call) common(f *pflag.FlagSet) {
	f.BoolVar(&c.json, "json", false, "print one JSON document on standard output; progress goes to standard error")
	f.BoolVar(&c.yes, "yes", false, "confirm guard rails and archiving")
	f.StringVar(&c.portal, "portal", "", "the `NAME` of the connection to use")
	f.StringVar(&c.workspace, "workspace", "", "the `FOLDER` in which Syncline keeps what it knows")
}

// own binds a flag that only some commands know. Two of one name on the command
// line have names of their own here.
func (c *call) own(f *pflag.FlagSet, name string) {
	switch name {
	case "plan":
		f.StringVar(&c.plan, "plan", "", "apply the stored plan of this `ID` and nothing else")
	case "redo":
		f.StringVar(&c.redo, "redo", "", "offer again what the undo of the run of this `ID` took back")
	case "lane":
		f.StringVar(&c.lane, "lane", "auto", "the `WAY` of many new records: batch, bulk for HubSpot's import, or auto for the one that the forecast favours")
	case "pull":
		f.StringVar(&c.pull, "pull", "auto", "the `WAY` in which all records are read: list, export for HubSpot's export, or auto for an export of very many")
	case "summary":
		f.BoolVar(&c.summary, "summary", false, "leave out the list of rows")
	case "fields":
		f.StringArrayVar(&c.fields, "field", nil, "only this `FIELD`; may be repeated")
	case "syncs":
		f.StringArrayVar(&c.syncs, "sync", nil, "of the run of a set: only this sync, by its `NAME` or the file of its document; may be repeated")
	case "rows":
		f.StringArrayVar(&c.rows, "row", nil, "only the row with this `KEY`; may be repeated")
	case "field":
		f.StringVar(&c.field, "field", "", "only the conflicts of this `FIELD`")
	case "take":
		f.StringVar(&c.take, "take", "", "settle by taking the value of this `SIDE`: source, hubspot, base, or proposed for what an assistant proposes")
	case "set":
		f.StringArrayVar(&c.set, "set", nil, "use a value in the place of the cell: `FIELD=VALUE`; may be repeated")
	case "sent":
		f.BoolVar(&c.sent, "sent", false, "take the rows of --row as sent, where nobody can tell whether they were")
	case "new-id":
		f.BoolVar(&c.newID, "new-id", false, "give a copied definition an id of its own first")
	case "into":
		f.StringVar(&c.into, "into", "", "the `FOLDER` to write into; without it, one of the recipe's name")
	case "to":
		f.StringVar(&c.to, "to", "", "the `NAME` of the connection to the portal that it goes to")
	case "out":
		f.StringVar(&c.out, "out", "", "write the document into this `FILE`; without it, beside the original")
	case "redact":
		f.BoolVar(&c.redact, "redact", false, "hide what values, names and keys say, and leave their form")
	case "where":
		f.StringArrayVar(&c.where, "where", nil, "only records for which this holds: `'PROPERTY OPERATOR VALUE'`; may be repeated")
	case "list":
		f.StringVar(&c.list, "list", "", "only the members of the list of this `NAME`, static or dynamic")
	case "properties":
		f.StringSliceVar(&c.properties, "properties", nil, "the properties to show, by their names: `A,B`")
	case "csv":
		f.StringVar(&c.csv, "csv", "", "write them into this `FILE`, a .csv or an .xlsx")
	case "html":
		f.StringVar(&c.html, "html", "", "write it as a page into this `FILE`")
	case "verify":
		f.BoolVar(&c.verify, "verify", false, "check the report in the file that is named")
	case "token-stdin":
		f.BoolVar(&c.stdin, "token-stdin", false, "read a service key or private-app token from standard input")
	case "password-stdin":
		f.BoolVar(&c.passwordStdin, "password-stdin", false, "read the password from standard input")
	case "ssh":
		f.StringVar(&c.ssh, "ssh", "", "reach it through this SSH `SERVER`, user@host:port, known by known_hosts")
		f.StringVar(&c.sshKey, "ssh-key", "", "sign in there with the key in this `FILE`; else with the agent's and the usual ones")
		f.StringVar(&c.sshJump, "ssh-jump", "", "reach that through another `SERVER`, user@host:port")
	case "user":
		f.StringVar(&c.user, "user", "", "the `USER` of the database whom the rights are for")
	case "scopes":
		f.StringSliceVar(&c.scopes, "scopes", nil, "ask for these `SCOPES` too, if the portal has them")
	case "listen":
		f.StringVar(&c.listen, "listen", "127.0.0.1:0", "the loopback `ADDRESS` to serve on; port 0 is a free one")
	case "hook-listen":
		f.StringVar(&c.hookListen, "listen", "", "the loopback `ADDRESS` at which events arrive; without it 127.0.0.1:41741")
	case "public":
		f.StringVar(&c.public, "public", "", "the public `URL` that your tunnel gives, as HubSpot has it")
	case "secret-stdin":
		f.BoolVar(&c.secretStdin, "secret-stdin", false, "read the app's client secret from standard input")
	case "webhook":
		f.StringVar(&c.webhook, "webhook", "", "send an event of every change to this `URL`, signed with the secret of its app")
	case "state":
		f.StringVar(&c.state, "state", "", "keep the portal in this `FILE`")
	case "portal-id":
		f.Int64Var(&c.portalID, "portal-id", 0, "the `NUMBER` of a new portal, so that two of them are two; 0 is the usual one")
	case "token-lifetime":
		f.DurationVar(&c.lifetime, "token-lifetime", 30*time.Minute, "how long the tokens of its sign-in hold")
	case "redirect-url":
		f.StringArrayVar(&c.redirects, "redirect-url", nil, "a `URL` that its app may redirect to; may be repeated")
	}
}

// flagWords are the words that a flag takes, for completion.
var flagWords = map[string][]string{"take": {"source", "hubspot", "base", "proposed"}, "lane": {"auto", "batch", "bulk"}, "pull": {"auto", "list", "export"}}
