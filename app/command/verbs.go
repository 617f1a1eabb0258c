package command

import (
	"context"

	"syncline/app"
)

// verb is one command.
type verb struct {
	name    string // "run"; with a space, "recipe list", a command of a group
	args    string // "FILE"
	want    int    // how many
	what    string // in a line
	long    string // more of it, as paragraphs
	example string // lines as they are typed
	flags   []string
	topic   topic
	open    bool // needs the workspace
	run     func(context.Context, *call) (app.Kind, error)
}

// topic is under which heading help lists a command.
type topic string

const (
	ofSyncs       topic = "syncs"
	ofRuns        topic = "runs"
	ofConnections topic = "connections"
)

var topics = []struct {
	id    topic
	title string
}{
	{ofSyncs, "Working with a sync or a set:"},
	{ofRuns, "What happened:"},
	{ofConnections, "Portals and practice:"},
}

// groups are the commands that only hold others.
var groups = map[string]verb{
	"database": {what: "connect databases, see their tables, the rights that a sync needs and the SQL of a plan",
		long: "A table of PostgreSQL, MySQL, MariaDB or SQLite is the other side of a sync as a file is. Its definition names the address and never the password."},
	"webhooks": {what: "receive events of HubSpot, which say what changed before it is looked for",
		long: "HubSpot can send an event for each change to a webhook of your app. They come by a tunnel to an address of this computer, and only say which records the next run reads: runs find all changes without them too."},
	"recipe": {what: "start from a set of syncs with sample data",
		long: "A recipe is a set of syncs with sample files, to start from and to change. It runs in the practice portal as it is."},
}

// verbs are the commands, in the order in which help lists them.
func verbs() []verb {
	return []verb{
		{name: "check", args: "FILE", want: 1, topic: ofSyncs, flags: []string{"new-id"}, open: true, run: check,
			what: "report every problem of a definition or a set, without writing",
			long: "Reads the definition, connects, and reports every problem with its line: of the document, of the source, of the portal's properties and options, of the scopes. Writes nothing, but for the id that --new-id gives to a copied definition.",
			example: `syncline check customers.yaml
syncline check copy-of-customers.yaml --new-id`},
		{name: "preview", args: "FILE", want: 1, topic: ofSyncs, flags: []string{"lane", "pull", "summary"}, open: true, run: preview,
			what:    "make the plan and print it; write nothing to either side",
			long:    "Reads both sides, compares them, and stores a plan: what would be created, updated, cleared, archived, associated, and what waits for a decision. Nothing is written to the source or to HubSpot. The plan has an id, which run --plan applies exactly.",
			example: "syncline preview customers.yaml\nsyncline preview customers.yaml --json --summary"},
		{name: "run", args: "FILE", want: 1, topic: ofSyncs, flags: []string{"plan", "redo", "lane", "pull", "summary"}, open: true, run: run,
			what: "plan and apply; with --plan apply exactly that stored plan",
			long: "Finishes an interrupted run of the same sync first. Whatever moved since the plan was made is looked at again right before it is written; nobody's newer edit is written over. A plan beyond a guard rail stops with exit status 4 until --yes confirms it.",
			example: `syncline run customers.yaml
syncline run customers.yaml --plan plan-20261130-041016-91bd76
syncline run customers.yaml --redo run-20261130-041016-1e2975`},
		{name: "review", args: "FILE", want: 1, topic: ofSyncs, flags: []string{"field", "take"}, open: true, run: review,
			what: "list open conflicts; with --take settle those selected",
			long: "Lists what both sides changed differently, with who and when, and what each decision would do. --take decides for all of them, or for those of one --field; the next run carries it out. A decision holds for what was shown: what moved since comes back.",
			example: `syncline review customers.yaml
syncline review customers.yaml --field Phone --take source`},
		{name: "attention", args: "FILE", want: 1, topic: ofSyncs, open: true, run: attention,
			what:    "list failed rows with causes and what would do",
			example: "syncline attention customers.yaml"},
		{name: "retry", args: "FILE", want: 1, topic: ofSyncs, flags: []string{"rows", "set", "sent"}, open: true, run: retry,
			what: "try failed rows again, with --set corrected",
			long: "Tries failed rows again at once, and no others: all, or those named by --row. A value given by --set is used in the place of the cell as long as the cell holds what it held. Where rows are sent once, as events on timelines are, --row also sends one once more that was sent before, and --sent takes one as sent of which nobody can tell whether it was.",
			example: `syncline retry customers.yaml
syncline retry customers.yaml --row 4711 --set Email=ann@example.com`},
		{name: "reconcile", args: "FILE", want: 1, topic: ofSyncs, open: true, run: reconcile,
			what:    "read both sides and prove them equal, or list every difference",
			long:    "Reads both sides whole and compares them under the field map. Writes nothing to either side and keeps nothing. Exit status 0 where they are equal, 3 where they differ.",
			example: "syncline reconcile customers.yaml --json"},

		{name: "promote", args: "FILE", want: 1, topic: ofSyncs, flags: []string{"to", "out"}, open: true, run: promote,
			what: "make the same sync for another portal",
			long: "Compares what the definition uses in its own portal with another one: properties and their options, groups, pipelines, stages, owners, association labels. Lists what is missing there. With --yes it is made, and nothing that is there is changed. Ids in the definition are translated: owners by their address, pipelines and stages by their labels. The document for the other portal is written beside the original, and never over a file.",
			example: `syncline promote customers.yaml --to "Acme production"
syncline promote customers.yaml --to "Acme production" --yes`},

		{name: "recipe list", topic: ofSyncs, run: listRecipes,
			what: "list the recipes", example: "syncline recipe list"},
		{name: "recipe write", args: "NAME", want: 1, topic: ofSyncs, flags: []string{"into"}, run: writeRecipe,
			what:    "write a recipe into a folder",
			long:    "Writes the recipe's tables, definitions and set, and prints where the set is. With --portal its definitions name that connection. A file that is there already stays as it is. Nothing is connected.",
			example: "syncline recipe write billing-to-deals --into billing\nsyncline preview billing/set.yaml"},

		{name: "runs", topic: ofRuns, open: true, run: runs,
			what: "list what was run, with its counts", example: "syncline runs --json"},
		{name: "report", args: "RUN_ID", want: 1, topic: ofRuns, flags: []string{"html", "verify"}, open: true, run: report,
			what: "print the signed report of a run; with --verify check one, which is a file then",
			example: `syncline report run-20261130-041016-1e2975 --html report.html
syncline report report.html --verify`},
		{name: "undo", args: "RUN_ID", want: 1, topic: ofRuns, flags: []string{"syncs", "fields", "rows", "summary"}, open: true, run: undo,
			what: "take back a run, or some syncs, fields or rows of it; keep and list edits made since",
			long: "Writes back what stood there before the run, on both sides, where it still is what the run wrote. A record that the run created is archived only if nothing about it changed since. Where it archives records or deletes rows it stops with exit status 4 until --yes confirms it.",
			example: `syncline undo run-20261130-041016-1e2975
syncline undo run-20261130-041016-1e2975 --field Phone --row 4711
syncline undo set-20261130-041016-77ac01 --sync people.yaml --row 4711`},

		{name: "connect", args: "NAME", want: 1, topic: ofConnections, flags: []string{"token-stdin", "scopes"}, open: true, run: connect,
			what: "connect a portal by the browser, or by a token on standard input",
			long: "Signs in with your own HubSpot app (SYNCLINE_CLIENT_ID, SYNCLINE_CLIENT_SECRET) over a redirect to this computer, and keeps the sign-in in the keychain. With --token-stdin a service key or private-app token is read from standard input instead.",
			example: `syncline connect "Acme production"
syncline connect sandbox --token-stdin < token.txt`},
		{name: "portals", topic: ofConnections, open: true, run: portals,
			what: "list connections with portal id, kind, health and scopes", example: "syncline portals"},
		{name: "journal", args: "NAME WORD", want: 2, topic: ofConnections, open: true, run: journal,
			what: "follow HubSpot's webhooks journal of a portal: on or off",
			long: "With on, the syncs of a connection begin their pulls with HubSpot's webhooks journal instead of a search: it tells of archives, merges, restores and associations too. It needs a sign-in by the browser with your own app, to which HubSpot gave the journal (developer.webhooks_journal.read). It is off unless you turn it on.",
			example: `syncline journal "Acme production" on
syncline journal "Acme production" off`},
		{name: "records", args: "OBJECT", want: 1, topic: ofConnections, flags: []string{"where", "list", "properties", "csv"}, open: true, run: findRecords,
			what: "search the records of a portal",
			long: "Finds all records of an object type for which every --where holds, past the 10,000 that one search of HubSpot shows. An operator is one of HubSpot's (EQ, NEQ, LT, LTE, GT, GTE, BETWEEN, IN, NOT_IN, HAS_PROPERTY, NOT_HAS_PROPERTY, CONTAINS_TOKEN, NOT_CONTAINS_TOKEN) or one of = != < <= > >=. Lists, and the two values of BETWEEN, have commas. Days are written as 2026-11-14; options, owners and stages by their internal values. HubSpot's search is some seconds behind. With --json and --csv values are as the API has them; no cell of the file can be taken for a formula.",
			example: `syncline records contacts --where 'lifecyclestage IN customer,opportunity' --where 'lastmodifieddate >= 2026-11-14'
syncline records contacts --list "Key accounts" --where 'lifecyclestage = customer'
syncline records deals --where 'amount > 10000' --properties dealname,amount,dealstage --csv deals.csv`},
		{name: "disconnect", args: "NAME", want: 1, topic: ofConnections, open: true, run: disconnect,
			what: "revoke a connection's sign-in and forget its secret", example: `syncline disconnect "Acme production"`},
		{name: "webhooks on", args: "PORTAL", want: 1, topic: ofConnections, flags: []string{"public", "hook-listen", "secret-stdin"}, open: true, run: webhookOn,
			what: "receive the events of a portal, at an address of this computer",
			long: "Sets up where the events of a portal arrive, and prints the target URL to enter in your HubSpot app. Nothing is opened to the network: --public is the address that a tunnel of yours gives, which leads to the address on this computer. Requests are taken only if they are signed (version 3) with the app's client secret, which is read from standard input with --secret-stdin and kept in the keychain; a connection by sign-in has its app's already. Events never bring values: they say which records the next run reads, besides those that it finds itself.",
			example: `syncline webhooks on "Acme production" --public https://acme.example-tunnel.com --secret-stdin < secret.txt
syncline webhooks on practice`},
		{name: "webhooks off", args: "PORTAL", want: 1, topic: ofConnections, open: true, run: webhookOff,
			what: "receive the events of a portal no more", example: `syncline webhooks off "Acme production"`},
		{name: "webhooks list", topic: ofConnections, open: true, run: webhookList,
			what: "list where events are received, with what came and what was refused", example: "syncline webhooks list"},
		{name: "webhooks listen", topic: ofConnections, open: true, run: webhookListen,
			what:    "receive events until it is interrupted; the window does so while it is open",
			long:    "Receives the events of every portal for which it is switched on. HubSpot is answered with success once an event is kept durably; what comes twice, is older than five minutes or is not signed with the secret changes nothing.",
			example: "syncline webhooks listen"},
		{name: "database add", args: "NAME ADDRESS", want: 2, topic: ofConnections, flags: []string{"password-stdin", "ssh"}, open: true, run: addDatabase,
			what: "test a connection to a database and keep it, its password in the keychain",
			long: "The address is postgres://user@host:5432/database, mysql://user@host:3306/database, or the path of a SQLite file. Another host than this one is asked for a certificate that can be verified (?sslmode=verify-full); a weaker sslmode can be named. Without a password those of PGPASSWORD, .pgpass, pg_service.conf, MYSQL_PWD and .my.cnf are used. A password is sent to exactly this address and to no other. With --ssh the address is the one that the SSH server sees; the way is kept with the connection, and every sync with this address takes it.",
			example: `syncline database add billing postgres://sync@db.example.com/billing --password-stdin < password.txt
syncline database add shop mysql://sync@127.0.0.1/shop --ssh ann@bastion.example.com`},
		{name: "database test", args: "NAME", want: 1, topic: ofConnections, open: true, run: testDatabase,
			what: "try a connection, by its name or an address", example: "syncline database test billing"},
		{name: "database list", topic: ofConnections, open: true, run: listDatabases,
			what: "list the connections to databases", example: "syncline database list"},
		{name: "database tables", args: "NAME", want: 1, topic: ofConnections, open: true, run: listTables,
			what: "list the tables and views of a connection, with about how many rows they have", example: "syncline database tables billing"},
		{name: "database remove", args: "NAME", want: 1, topic: ofConnections, open: true, run: removeDatabase,
			what: "forget a connection and its password", example: "syncline database remove billing"},
		{name: "database grants", args: "FILE", want: 1, topic: ofConnections, flags: []string{"user"}, open: true, run: databaseGrants,
			what:    "print the script of GRANTs that suffices for a sync",
			long:    "SELECT on the columns that the sync reads, UPDATE on those that flow back, INSERT and DELETE only if it makes or deletes rows. Nothing is connected: give the script to the administrator of the database.",
			example: "syncline database grants customers.yaml --user sync"},
		{name: "database sql", args: "PLAN_ID", want: 1, topic: ofConnections, open: true, run: databaseSQL,
			what:    "print the statements that a stored plan would carry out in its database",
			long:    "Each says what it believes to stand there, so that it changes nothing that somebody changed since. Nothing is carried out.",
			example: "syncline database sql plan-20261130-041016-91bd76"},
		{name: "mcp", topic: ofConnections, flags: []string{"redact"}, open: true, run: assist,
			what:    "let an assistant look in, without a way to write",
			long:    "Speaks the Model Context Protocol on standard input and output, for an assistant that starts this command. It can read syncs, plans, conflicts, failed rows and runs, check and draft definitions, make plans and propose decisions. It can write nothing to HubSpot or to a source, and decide nothing: you apply plans, and take proposals over in Review or with review --take proposed. With --redact it sees the form of values only.",
			example: "syncline mcp\nsyncline mcp --redact"},
		{name: "practice", topic: ofConnections, flags: []string{"listen", "state", "portal-id", "token-lifetime", "redirect-url", "webhook"}, run: servePractice,
			what:    "serve the practice portal on this computer",
			long:    "Serves a portal that behaves as HubSpot does, with sample content, on a loopback address, and prints its address and token. It is kept in a file with --state, else it is gone at the end.",
			example: "syncline practice --listen 127.0.0.1:8080 --state practice.portal"},
	}
}

const about = `Syncline keeps HubSpot and your own data (spreadsheets, files, databases, other
portals) in agreement, and asks you about every real conflict.

Without a command it opens the window. "syncline demo" opens it on the practice
portal, with a sample workbook.`

const environment = `SYNCLINE_TOKEN           a token for this invocation, never stored
SYNCLINE_API_URL         another host than HubSpot's, such as the practice portal
SYNCLINE_AUTHORIZE_URL   its page for signing in
SYNCLINE_CLIENT_ID       your HubSpot app, for connect
SYNCLINE_CLIENT_SECRET   and its secret
SYNCLINE_WORKSPACE       the folder in which Syncline keeps what it knows
SYNCLINE_SOURCE_TOKEN    the token of the other portal that is a sync's source, never stored
SYNCLINE_SOURCE_API_URL  and another host for it
SYNCLINE_SOURCE_PASSWORD the password of the database, for this invocation, never stored
PG*, PGPASSFILE, PGSERVICEFILE, MYSQL_PWD   as psql and mysql take them

Plain http is only spoken to this computer.`

const exitStatus = `0  done
1  failed
2  wrong use, or a definition that cannot work: each problem is named with its line
3  done, with conflicts, failed or waiting rows left
4  stopped by a guard rail, or before something is archived; --yes confirms it
5  sign-in needed or scopes missing: each is named`
