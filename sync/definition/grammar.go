package definition

import (
	"fmt"
	"slices"

	"syncline/sync/record"
)

// kindOf says how a key's value is written, for people.
type kindOf string

const (
	aText   kindOf = "a text"
	aWord   kindOf = "one of a few words"
	aFlag   kindOf = "true or false"
	aNumber kindOf = "a number"
	aLimit  kindOf = "a count, or a share such as 20%"
	aList   kindOf = "a list of texts; one may stand alone"
	aMap    kindOf = "pairs of texts"
	aGroup  kindOf = "a group of keys"
	groups  kindOf = "a list of groups of keys"
	steps   kindOf = "a list of transforms; one may stand alone"
)

// key is what the grammar knows of one key: the reader takes its words and what
// holds without it from here, and the reference (Reference) is made of it.
type key struct {
	name    string
	kind    kindOf
	words   []string // of aWord: those that are taken
	without string   // what holds where the key does not stand; "" = nothing, or as says tells
	needed  bool     // it must be there, or another one that says names
	says    string   // what it is for
	example string   // its value, as it may stand in a document
}

// part is a group of keys of a document.
type part struct {
	name string // as problems name it, without numbers: "fields[]"
	says string
	keys []key
}

// names are the part's keys, in the order in which they are shown.
func (p *part) names() []string {
	if p == nil {
		return nil
	}
	all := make([]string, len(p.keys))
	for i, k := range p.keys {
		all[i] = k.name
	}
	return all
}

func (p *part) key(name string) key {
	if i := slices.IndexFunc(p.keys, func(k key) bool { return k.name == name }); i >= 0 {
		return p.keys[i]
	}
	panic("the grammar has no key " + name + " in " + p.name) // a slip in this package: every test of it meets it
}

func flag(name, says string) key {
	return key{name: name, kind: aFlag, words: []string{"true", "false"}, without: "false", says: says, example: "true"}
}

func comparisons() (all []string) {
	for _, c := range record.Comparisons() {
		all = append(all, string(c))
	}
	return all
}

var directions = []string{string(ToHubSpot), string(FromHubSpot), string(TwoWay)}

// documentPart is the whole document.
var documentPart = &part{says: "What a document says as a whole.", keys: []key{
	{name: "syncline", kind: aNumber, needed: true, says: "The version of the format.", example: "1"},
	{name: "id", kind: aText, says: "What links, bases and the keys of created records hang on, wherever the document lies. The first run writes it; a copy needs another one (`syncline check FILE --new-id`).", example: "k7q2m9xw4r"},
	{name: "name", kind: aText, without: "the name of the file", says: "What people call the sync.", example: "Billing customers to contacts"},
	{name: "source", kind: aGroup, needed: true, says: "Where the rows are: [source](#source).", example: "{ kind: csv, path: customers.csv, key: [customer_id] }"},
	{name: "hubspot", kind: aGroup, needed: true, says: "Which records take part: [hubspot](#hubspot). Beside `associate` it may name the portal only. A [timeline-event](#hubspot-object-timeline-event), a [form](#hubspot-object-form) and a [file](#hubspot-object-file) are no records: each row is delivered once.", example: "{ object: contacts, match: [ { field: Email, property: email } ] }"},
	{name: "direction", kind: aWord, words: directions, needed: true, says: "Which way values flow. A field may say otherwise for itself. Where rows are delivered, it is to-hubspot and need not stand there.", example: "two-way"},
	{name: "create", kind: aWord, words: []string{string(CreateNone), string(CreateHubSpot), string(CreateSource), string(CreateBoth)}, without: string(CreateNone), says: "Where missing counterparts are created: records for rows (`hubspot`), rows for records (`source`), or both.", example: "hubspot"},
	{name: "delete", kind: aGroup, without: "nothing is deleted or marked", says: "What becomes of the one side when the other is gone: [delete](#delete).", example: "{ row-gone: archive }"},
	{name: "duplicates", kind: aWord, words: []string{string(DuplicatesReview), string(DuplicatesFirst), string(DuplicatesLast)}, without: string(DuplicatesReview), says: "What becomes of rows that share a match value and differ: they wait in Review, or the first or last of them counts, by position. Rows that agree in every mapped field count as one anyhow.", example: "first"},
	{name: "verify", kind: aWord, words: []string{string(VerifyAuto), string(VerifyAll), string(VerifySample), string(VerifyNone)}, without: string(VerifyAuto), says: "How many written records are read back with their history: as many as the budget of calls allows (`auto`), all, a sample, or none.", example: "all"},
	{name: "fields", kind: groups, needed: true, says: "The field map: [fields](#fields).", example: "[ { field: Email, property: email } ]"},
	{name: "associations", kind: groups, says: "What the row's record belongs with: [associations](#associations).", example: "[ { to: companies, match: { field: Company domain, property: domain } } ]"},
	{name: "guards", kind: aGroup, says: "The limits beyond which a plan stops until a person confirms it: [guards](#guards). Others hold always; the command line's reference names them.", example: "{ creates: 1000, updates: 50% }"},
	{name: "associate", kind: aGroup, says: "In place of `direction`, `create`, `delete`, `duplicates`, `fields` and `associations`: the rows are associations themselves: [associate](#associate).", example: "{ from: { object: deals, match: { field: Deal, property: deal_id } }, to: { object: contacts, match: { field: Email, property: email } } }"},
	{name: "set", kind: aText, says: "In place of everything but `syncline`: the document is a set, several syncs that are one job, and this is its name.", example: "Salesforce to HubSpot"},
	{name: "syncs", kind: aList, says: "With `set`: the documents of its syncs, relative to this one. They run in an order that satisfies their links.", example: "[accounts.yaml, people.yaml]"},
}}

// setNames are the keys of a document that is a set.
var setNames = []string{"syncline", "set", "syncs"}

var sourcePart = &part{name: "source", says: "The source side.", keys: []key{
	{name: "kind", kind: aWord, words: kindNames(), needed: true, says: "What the source is.", example: "csv"},
	{name: "path", kind: aText, says: "The file, relative to this document.", example: "customers.csv"},
	{name: "sheet", kind: aText, without: "the first one", says: "The sheet of the workbook.", example: "Customers"},
	{name: "table", kind: aText, says: "The table, with its schema where it has one, as it is called and without quotes.", example: "public.customers"},
	{name: "query", kind: aText, says: "In place of `table`: what is asked of the database; with `kind: files` the SELECT that joins the files. Such a source can be read only.", example: `"select id, email from customers"`},
	{name: "dsn", kind: aText, says: "The address of the database. A password never stands here: it is asked for once and kept in the keychain.", example: "postgres://app@db/crm"},
	{name: "portal", kind: aText, says: "The connection to the other portal; of a form, where it is not the sync's own.", example: "Acme sandbox"},
	{name: "object", kind: aText, without: "that of `hubspot`", says: "The object of the other portal.", example: "contacts"},
	{name: "form", kind: aText, says: "With `kind: form-submissions`: the form, by its name or id.", example: "Contact us"},
	{name: "key", kind: aList, needed: true, without: "`[hs_object_id]` for kind hubspot, `[conversionId]` for kind form-submissions", says: "The columns that identify a row.", example: "[customer_id]"},
	{name: "modified", kind: aText, says: "The column with a row's time of change. Needed for `conflict: newest`. Of a large table in PostgreSQL or MySQL only the newer rows are read with it, of the others the keys, and once a day all of them.", example: "updated_at"},
	{name: "zone", kind: aText, without: "UTC; times of change without a zone are then not known", says: "The zone of times that name none.", example: "Europe/Berlin"},
	{name: "encoding", kind: aWord, words: Encodings, without: "found out, or asked for", says: "How the file writes characters.", example: "windows-1250"},
	{name: "header-row", kind: aNumber, without: "found out", says: "The row with the names of the columns, counted from 1. In CSV files lines count, as an editor shows them.", example: "4"},
	{name: "blanks", kind: aList, without: "words such as NULL are asked about", says: "Words that mean “empty” in every column; any other word then means what it says. `[]`: every word does.", example: `[NULL, "\\N", n/a]`},
	{name: "files", kind: aGroup, says: "The files that a query joins, by the names that they have in it as tables: each a path, or [a group of keys](#sourcefiles).", example: "{ people: people.csv, orders: { path: orders.xlsx, sheet: Orders } }"},
}}

var filePart = &part{name: "source.files", says: "One of the files that a query joins, where more than its path is said.", keys: []key{
	{name: "path", kind: aText, needed: true, says: "The file, relative to this document: CSV, Excel, OpenDocument, JSON or Parquet.", example: "orders.xlsx"},
	{name: "sheet", kind: aText, without: "the first one", says: "The sheet of the workbook.", example: "Orders"},
	{name: "encoding", kind: aWord, words: Encodings, without: "found out, or asked for", says: "How the file writes characters.", example: "windows-1250"},
	{name: "header-row", kind: aNumber, without: "found out", says: "The row with the names of the columns, counted from 1.", example: "4"},
}}

var hubspotPart = &part{name: "hubspot", says: "The HubSpot side.", keys: []key{
	{name: "portal", kind: aText, without: "the only connection, or the one of `--portal`", says: "The name of the connection.", example: "Acme production"},
	{name: "object", kind: aText, needed: true, says: "The object type: its name, or its id such as 0-1 or 2-3453932.", example: "contacts"},
	{name: "make", kind: aGroup, without: "the type must be there", says: "What the object type is made of where the portal does not have it, once a plan with it is applied: [make](#hubspotmake).", example: "{ singular: Machine, plural: Machines, display: serial_number, properties: [ { name: serial_number } ] }"},
	{name: "match", kind: groups, needed: true, says: "How a row without a link finds its record, tried in order. `[]` where there is nothing to find it by, as of notes.", example: "[ { field: Email, property: email }, { field: Legacy id, property: legacy_id } ]"},
	{name: "filter-list", kind: aText, without: "all records", says: "Only the members of this list take part, static or dynamic, named as HubSpot shows it; beside `filter`, only those that pass it too. A record that leaves the list is out of scope and not gone. Not with `create: hubspot`.", example: "Key accounts"},
	{name: "filter", kind: groups, without: "all records", says: fmt.Sprintf("Only records that match take part: groups of filters, one of which must hold as a whole. HubSpot allows %d groups, %d filters in a group and %d in all; a sync needs %d of each group itself.", maxGroups, maxGroupFilters, maxFilters, ownFilters), example: "[ [ { property: lifecyclestage, operator: NEQ, value: subscriber } ] ]"},
}}

// eventPart is what hubspot says where rows become events on timelines.
var eventPart = &part{name: "hubspot, object: timeline-event", says: "Each row becomes an event on the timeline of a record, once. The kind of event is one that the connection's own app defines. In `fields`, a `property` is a token of the event. HubSpot can't change an event or take it back, so a row that changes after it was sent is left out, and an undo leaves events where they are.", keys: []key{
	hubspotPart.key("portal"),
	{name: "object", kind: aWord, words: []string{string(ToTimeline)}, needed: true, says: "That the rows become events.", example: string(ToTimeline)},
	{name: "event", kind: aText, needed: true, says: "The id of the kind of event, as the app defines it.", example: `"1001298"`},
	{name: "match", kind: aGroup, needed: true, says: "Whose timeline it is: a column (`field`) and as `property` what stands there: the e-mail address of a contact (`email`), the id of a record (`objectId`) or the key of a visitor's cookie (`utk`). An address that no contact has makes a new contact.", example: "{ field: Email, property: email }"},
	{name: "timestamp", kind: aText, without: "the moment at which it is sent", says: "The column that says when it happened, in an ISO form; or [a group of keys](#hubspottimestamp) with the form.", example: "Happened at"},
}}

// formPart is what hubspot says where rows become submissions of a form.
var formPart = &part{name: "hubspot, object: form", says: "Each row becomes a submission of a form, once, as if a visitor had filled it in. In `fields`, a `property` is the name of a field of the form. HubSpot can't take a submission back, so an undo leaves it; and a row that changes after it was sent is left out.", keys: []key{
	hubspotPart.key("portal"),
	{name: "object", kind: aWord, words: []string{string(ToForm)}, needed: true, says: "That the rows become submissions.", example: string(ToForm)},
	{name: "form", kind: aText, needed: true, says: "The form: its name, or its id.", example: "Contact us"},
	{name: "page", kind: aGroup, says: "The page that the form stands on: [page](#hubspotpage).", example: "{ uri: https://www.example.com/contact }"},
	{name: "consent", kind: aGroup, says: "What the person agreed to; needed where the form asks for it: [consent](#hubspotconsent).", example: "{ text: I agree to be sent the newsletter. }"},
}}

var pagePart = &part{name: "hubspot.page", says: "The page that a form stands on.", keys: []key{
	{name: "uri", kind: aText, needed: true, says: "Its address.", example: "https://www.example.com/contact"},
	{name: "name", kind: aText, says: "Its title.", example: "Contact"},
}}

var consentPart = &part{name: "hubspot.consent", says: "What a person agreed to who filled in a form. It is sent as it stands here: it must be what they read, and they must have agreed.", keys: []key{
	{name: "field", kind: aText, without: "all of them agreed", says: "The column that says whether they did. A row in which it does not say yes is not sent.", example: "Agreed"},
	{name: "text", kind: aText, needed: true, says: "The text that they agreed to.", example: "I agree to be sent the newsletter."},
	{name: "subscriptions", kind: aMap, says: "The kinds of messages that they agreed to get: the id of each subscription type, with the text that stood beside it.", example: "{ 999: Monthly newsletter }"},
}}

var momentPart = &part{name: "hubspot.timestamp", says: "A column with times in a form of their own.", keys: []key{
	{name: "field", kind: aText, needed: true, says: "The column.", example: "Happened at"},
	{name: "format", kind: aText, without: "an ISO form", says: "The form, as in the transform `datetime`; times without an offset are meant in the source's `zone`.", example: `"DD.MM.YYYY HH:mm"`},
}}

// portalPart is what hubspot may say beside associate; the others are named so
// that they are told to be of no meaning there.
var portalPart = &part{name: "hubspot", keys: hubspotPart.keys}

var makePart = &part{name: "hubspot.make", says: "An object type of the portal's own, which is made where the portal does not have it. Its name is `object`.", keys: []key{
	{name: "singular", kind: aText, needed: true, says: "What one record is called.", example: "Machine"},
	{name: "plural", kind: aText, needed: true, says: "What several are called.", example: "Machines"},
	{name: "display", kind: aText, needed: true, says: "The property that names a record for people; one of `properties`.", example: "serial_number"},
	{name: "associate", kind: aList, says: "The objects that its records can be associated with.", example: "[companies]"},
	{name: "properties", kind: groups, needed: true, says: "What a record holds.", example: "[ { name: serial_number, label: Serial number, unique: true } ]"},
}}

var makePropertyPart = &part{name: "hubspot.make.properties[]", says: "A property that the object type is made with.", keys: []key{
	{name: "name", kind: aText, needed: true, says: "Its internal name: small letters, digits and _.", example: "serial_number"},
	{name: "label", kind: aText, without: "the name", says: "Its name for people.", example: "Serial number"},
	{name: "type", kind: aWord, words: MakeTypes(), without: "string", says: "What it holds.", example: "number"},
	{name: "options", kind: aList, says: "With `type: enumeration`, and needed there: its options, which are their labels too.", example: "[Small, Large]"},
	flag("unique", "No two records may have the same value; for texts and numbers. HubSpot allows 10, of which Syncline needs one."),
}}

var matchPart = &part{name: "hubspot.match[]", says: "A way in which a row finds its record. `match` of an association is one too.", keys: []key{
	{name: "field", kind: aText, needed: true, says: "The column that is looked at.", example: "Email"},
	{name: "property", kind: aText, needed: true, says: "The property that must equal it: a text, a number or a dropdown.", example: "email"},
}}

var filterPart = &part{name: "hubspot.filter[][]", says: "One of HubSpot's search filters.", keys: []key{
	{name: "property", kind: aText, needed: true, says: "The property to look at.", example: "lifecyclestage"},
	{name: "operator", kind: aWord, words: operatorNames(), needed: true, says: "How it is compared.", example: "EQ"},
	{name: "value", kind: aText, says: "What it is compared with, as HubSpot stores it.", example: "lead"},
	{name: "high-value", kind: aText, says: "With BETWEEN: the upper end.", example: "20"},
	{name: "values", kind: aList, says: "With IN and NOT_IN: the list.", example: "[lead, customer]"},
}}

var deletePart = &part{name: "delete", says: "What becomes of the one side when the other is gone. Not seen is not gone: it takes a complete read, and a second look right before.", keys: []key{
	{name: "row-gone", kind: aWord, words: []string{"ignore", "archive", "flag"}, without: "ignore", says: "A row that was linked left the source: its record stays, is archived, or is marked.", example: "archive"},
	{name: "flag-record", kind: aGroup, says: "With `row-gone: flag`, and needed there: the mark, a `property` and the `value` that it is set to. It is taken back when the row returns.", example: "{ property: customer_status, value: Gone }"},
	{name: "record-gone", kind: aWord, words: []string{"ignore", "delete", "flag"}, without: "ignore", says: "A linked record was archived in HubSpot: its row stays, is deleted, or is marked.", example: "delete"},
	{name: "flag-row", kind: aGroup, says: "With `record-gone: flag`, and needed there: the mark, a column (`field`) and the `value` that is written into it.", example: `{ field: Active, value: "no" }`},
}}

var flagRecordPart = &part{name: "delete.flag-record", says: "The mark of a record whose row is gone.", keys: []key{
	{name: "property", kind: aText, needed: true, says: "The property that is set.", example: "customer_status"},
	{name: "value", kind: aText, needed: true, says: "What it is set to, in the property's form.", example: "Gone"},
}}

var flagRowPart = &part{name: "delete.flag-row", says: "The mark of a row whose record is gone.", keys: []key{
	{name: "field", kind: aText, needed: true, says: "The column that is set; not one of the key.", example: "Active"},
	{name: "value", kind: aText, needed: true, says: "What it is set to, as it shall stand there.", example: `"no"`},
}}

var fieldPart = &part{name: "fields[]", says: "A pair of a column and a property, or a constant. A one-way field flows only in its direction; a two-way one fills blanks on its first run, and after that what one side changed flows, and what both changed differently waits in Review.", keys: []key{
	{name: "field", kind: aText, needed: true, says: "The column; or else a `constant`.", example: "Phone"},
	{name: "property", kind: aText, needed: true, says: "The property.", example: "phone"},
	{name: "direction", kind: aWord, words: directions, without: "that of the sync", says: "Which way the field flows.", example: "to-hubspot"},
	{name: "compare", kind: aWord, words: comparisons(), without: "by the property's type", says: "When two values are the same: [comparisons](#comparisons).", example: "phone"},
	{name: "conflict", kind: aWord, words: []string{string(Review), string(TakeSource), string(TakeHubSpot), string(Newest)}, without: string(Review), says: "What is done where both sides changed: it waits in Review, one side wins, or the newer change does where it is certain which that is (it needs `modified` in the source).", example: "source"},
	{name: "values", kind: aMap, says: "The property's value for each of the column's; read backwards on the way back.", example: "{ Active: customer, Trial: opportunity }"},
	{name: "unmapped", kind: aWord, words: []string{"reject", "keep", "blank"}, without: "reject", says: "With `values`: what becomes of a value that the map lacks: the row fails, the value is taken as it is, or it counts as empty.", example: "keep"},
	{name: "blank", kind: aWord, words: []string{"ignore", "clear"}, without: "ignore", says: "What an empty value means for the other side: nothing, or that it is to be emptied too.", example: "clear"},
	{name: "constant", kind: aText, says: "In place of `field`: the same value for every record. It flows to HubSpot only.", example: "Billing import"},
	{name: "to-hubspot", kind: steps, says: "What is done with the column's value on its way to the property: [transforms](#transforms).", example: "[trim, { phone: { region: DE } }]"},
	{name: "from-hubspot", kind: steps, without: "the way back of `to-hubspot`, where it has one", says: "What is done on the way back.", example: "[trim]"},
}}

var associationPart = &part{name: "associations[]", says: "What the row's record belongs with. It flows to HubSpot only, and only what the sync itself made is ever removed.", keys: []key{
	{name: "to", kind: aText, needed: true, says: "The object at the other end.", example: "companies"},
	{name: "match", kind: aGroup, needed: true, says: "The other record by a property: a column (`field`) and a `property`. Or else `link`.", example: "{ field: Company domain, property: domain }"},
	{name: "link", kind: aGroup, says: "In place of `match`: the other record by its row in another sync: the document (`sync`), and the column (`field`) that holds that row's key.", example: "{ sync: people.yaml, field: Person ids }"},
	{name: "split", kind: aText, without: "a cell names one", says: "What parts several records in one cell.", example: `";"`},
	{name: "label", kind: aText, without: "the usual association, without a label", says: "How the two belong together: one label for all, or `{ field: Role, values: { DM: Decision maker } }` for labels from a column.", example: "Primary"},
	flag("create-missing", "With `match`: a record that is not found is made, with its match property only."),
	flag("remove-others", "What the sync made and the source no longer has is removed."),
}}

var linkPart = &part{name: "associations[].link", says: "A row of another sync.", keys: []key{
	{name: "sync", kind: aText, needed: true, says: "The document of the other sync, relative to this one.", example: "people.yaml"},
	{name: "field", kind: aText, needed: true, says: "The column that holds the key of its row.", example: "Person ids"},
}}

var labelPart = &part{name: "associations[].label", says: "Labels from a column, in place of one label for all.", keys: []key{
	{name: "field", kind: aText, needed: true, says: "The column that holds the label; an empty cell has none.", example: "Role"},
	{name: "values", kind: aMap, says: "What the column's words are called in HubSpot; others are taken as they are.", example: "{ DM: Decision maker }"},
}}

var associatePart = &part{name: "associate", says: "Makes each row an association, as in a table of contact roles.", keys: []key{
	{name: "from", kind: aGroup, needed: true, says: "The one end.", example: "{ object: deals, match: { field: Deal, property: deal_id } }"},
	{name: "to", kind: aGroup, needed: true, says: "The other end.", example: "{ object: contacts, match: { field: Email, property: email } }"},
	{name: "label", kind: aText, without: "the usual association, without a label", says: "As in [associations](#associations).", example: "{ field: Role }"},
	flag("remove-others", "What the sync made and the source no longer has is removed."),
}}

var associateEndPart = &part{name: "associate.from, associate.to", says: "The record at one end.", keys: []key{
	{name: "object", kind: aText, needed: true, says: "The object at this end.", example: "deals"},
	{name: "match", kind: aGroup, needed: true, says: "The record by a property. Or else `link`.", example: "{ field: Deal, property: deal_id }"},
	{name: "link", kind: aGroup, says: "In place of `match`: the record by its row in another sync.", example: "{ sync: deals.yaml, field: Deal }"},
}}

var guardsPart = &part{name: "guards", says: "A plan beyond one of these stops until a person types the number, or says `--yes`. A share is one of the rows, or of the linked pairs where these are more. Where a guard does not stand, a plan stops at what is unusual for the sync.", keys: []key{
	{name: "creates", kind: aLimit, says: "Records and rows that would be created.", example: "1000"},
	{name: "updates", kind: aLimit, says: "Records and rows that would be changed.", example: "50%"},
	{name: "clears", kind: aLimit, says: "Values that would be emptied.", example: "100"},
	{name: "archives", kind: aLimit, says: "Records that would be archived and rows that would be deleted.", example: "0"},
}}

// parts are all groups of keys, in the order in which the reference shows them.
var parts = []*part{
	documentPart, sourcePart, filePart, hubspotPart, membershipPart, matchPart, filterPart, makePart, makePropertyPart, eventPart, formPart, pagePart, consentPart, attachPart, momentPart, deletePart, flagRecordPart, flagRowPart,
	fieldPart, associationPart, linkPart, labelPart, associatePart, associateEndPart, guardsPart,
}
