package main

// bug is one mistake that is planted: a text that stands once in a file, and
// what it becomes. A text that is not found once ends the program, so that a
// table that fell behind the code can't pass.
type bug struct {
	what     string // the mistake, as docs/proof.md shows it
	file     string
	old, new string
	tests    []suite // in their order; the first that fails has caught it
}

// suite is a package and which of its tests are asked.
type suite struct{ pkg, run string }

var (
	merging  = []suite{{"./sync/merge", "."}}
	worlds   = suite{"./sync/engine/simulation", "World"}
	engine   = suite{"./sync/engine", "."}
	whole    = []suite{worlds, engine}
	examples = []suite{worlds, engine}
	ghosts   = []suite{worlds}
	twins    = []suite{{"./store", "Decision[sA]|ADecision|FirstOfRows|NoDecision|ManyDecisions|ARunKeepsApart|RowWaitsWhose|GoneLeadsNobody"}}
	client   = []suite{{"./sync/hubspot", "."}}
)

var bugs = []bug{
	// What a field becomes.
	{"a first run erases with a blank", "sync/merge/merge.go", "return p.flow(p.source, FirstRunHubSpotEmpty)", "return p.flow(p.hubspot, FirstRunHubSpotEmpty)", merging},
	{"the policy names the wrong winner", "sync/merge/merge.go", "winner, reason = p.source, SourceWins", "winner, reason = p.hubspot, SourceWins", merging},
	{"newest trusts every clock", "sync/merge/merge.go", "apart := max(minSkew, 2*s.Skew.Abs())", "apart := time.Duration(0)", merging},
	{"drift is written over", "sync/merge/merge.go", "case owner.says && other.says:\n\t\treturn p.bothChanged(pick(owner.side,", "case false && other.says:\n\t\treturn p.bothChanged(pick(owner.side,", merging},
	{"an emptied cell flows although blanks are ignored", "sync/merge/merge.go", "e.says = e.changed && (!e.empty || f.BlankClears)", "e.says = e.changed", merging},
	{"both changed, the source flows", "sync/merge/merge.go", "case p.source.says && p.hubspot.says:", "case false && p.source.says && p.hubspot.says:", merging},
	{"a decision holds for values that nobody saw", "sync/merge/settle.go", "if p.moved(p.source.now, c.SeenSource, source) || p.moved(p.hubspot.now, c.SeenHubSpot, hubspot) {", "if false {", merging},
	{"a set loses what the other side added", "sync/merge/set.go", "if !slices.Contains(base, m) && !slices.Contains(out, m) {", "if false {", merging},
	{"values are compared without their canonical form", "sync/record/rule.go", "\ta, b = r.Canonical(a), r.Canonical(b)\n", "", []suite{{"./sync/record", "."}}},

	// What the workspace keeps.
	{"the base does not move after a write", "store/finishpage.go", "base.HubSpot[property] = v\n", "base.HubSpot[property] = base.HubSpot[property]\n\t\t_ = v\n", whole},
	{"a decision is kept for the wrong rows", "store/conflicts.go", "WHERE state <> 'closed' AND id IN (SELECT value FROM json_each(?)) AND cause NOT", "WHERE state <> 'closed' AND 0 <> (SELECT count(*) FROM json_each(?)) AND cause NOT", whole},
	{"a decision outlives the values that it was made on", "store/conflicts.go", "state = CASE WHEN `+unmoved+` THEN state ELSE 'open' END,", "state = CASE WHEN `+unmoved+` THEN state ELSE state END,", append([]suite{{"./store", "."}}, whole...)},
	{"what was carried out stays in Review", "store/overtaken.go", "f.tx.Exec(carriedOut, f.now, d.Conflict, d.Decision)", "f.tx.Exec(carriedOut, f.now, -d.Conflict, d.Decision)", whole},
	{"records are created without matching", "store/matching.go", "for ord := -1; ord < keys; ord++ {", "for ord := -1; ord < 0; ord++ {", whole},
	{"one of several matches is guessed", "store/matching.go", "CASE WHEN follows = 0 AND n = 1 AND rivals = 1 AND holder IS NULL", "CASE WHEN follows = 0 AND n >= 1 AND holder IS NULL", append([]suite{{"./store", "."}}, examples...)},

	// How both sides are read.
	{"a page that is shorter than its limit is the last one", "sync/hubspot/walk.go", "if req.After = page.After; req.After == \"\" {", "if req.After = page.After; req.After == \"\" || len(ids) < req.Limit {", append(client, examples...)},
	{"a search steps past the last record by one (GT for GTE)", "sync/hubspot/walk.go", "Filter{Property: \"hs_object_id\", Operator: GT, Value: last}", "Filter{Property: \"hs_object_id\", Operator: GT, Value: last + \"0\"}", append(client, examples...)},
	{"what search still shows is taken for an edit", "sync/engine/pull.go", "old := seen && (at.IsZero() || r.Updated.Before(at))", "old := seen && false && (at.IsZero() || r.Updated.Before(at))", examples},
	{"what a pull of changes did not show is gone", "sync/engine/pull.go", "	for _, id := range got.Missing {\n\t\tif into := got.Moved[id]; into == \"\" {\n\t\t\tlost = append(lost, id)", "	for _, id := range ids {\n\t\tif into := got.Moved[id]; into == \"\" {\n\t\t\tlost = append(lost, id)", whole},
	{"a merged record is not followed", "sync/engine/pull.go", "if into := got.Moved[id]; into != \"\" {\n\t\t\tif err := j.merged", "if into := got.Moved[id]; into == \"-\" {\n\t\t\tif err := j.merged", examples},

	// How HubSpot is written.
	{"the base moves before the answer", "sync/engine/gate.go", "	b.sent = true\n",
		"	for i, op := range b.ops {\n\t\to := j.updated(pl, b.items[i], store.Op{LinkID: op.LinkID}, record.Record{ID: op.RecordID, Properties: op.Fields})\n\t\to.Fate, o.Audit = \"\", nil\n\t\tif err := j.finish(ctx, []store.Outcome{o}); err != nil {\n\t\t\treturn err\n\t\t}\n\t}\n	b.sent = true\n", whole},
	{"a record that moved since the plan is written over", "sync/engine/gate.go", "if f != nil && !f.Rule.Same(now, mapping.Value(e.HubSpot)) && !j.steppedBack(ctx, *it, e, now) {", "if f != nil && e.Cause == \"-\" {", examples},
	{"207 is ignored: a refused input counts as written", "sync/engine/updates.go", "		case ok:\n\t\t\tit, err := j.sparingKept(", "		case ok || ferr != nil:\n\t\t\tit, err := j.sparingKept(", whole},
	{"an input that the answer passes over counts as written", "sync/engine/updates.go", "			left = append(left, op)\n", "			outcomes = append(outcomes, j.updated(pl, byN[op.N], op, record.Record{ID: op.RecordID, Properties: op.Fields}))\n", whole},
	{"an update of unknown outcome is sent again unseen", "sync/engine/gate.go", "	case hubspot.Unknown(b.err):\n\t\treturn j.settle(ctx, b.ops, b.err)", "	case hubspot.Unknown(b.err):\n\t\treturn len(b.ops), j.finish(ctx, dropped(b.ops, b.err))", whole},
	{"operations of a dead process are forgotten", "sync/engine/recover.go", "	if err != nil || len(ops) == 0 {\n\t\treturn err\n\t}\n\tj.Progress", "	if err != nil || len(ops) >= 0 {\n\t\treturn err\n\t}\n\tj.Progress", whole},
	{"creates carry no key of ours", "sync/engine/creates.go", "	if j.mapping.SyncKey != \"\" {\n\t\t\top.Fields", "	if false {\n\t\t\top.Fields", examples},
	{"the base is what was sent, not what HubSpot made of it", "sync/engine/updates.go", "now := known(held(rec.Properties, e.Property, mapping.Value(e.New)))", "now := known(mapping.Value(e.New))", examples},
	{"displaced edits are not told", "sync/engine/verify.go", "		if !ok {\n\t\t\tcontinue\n\t\t}\n\t\ttitle, column", "		if ok {\n\t\t\tcontinue\n\t\t}\n\t\ttitle, column", examples},
	{"a POST is repeated on 5xx", "sync/hubspot/retry.go", "if !r.read || t.failed >= limit {", "if t.failed >= limit {", client},
	{"the first 429 stops the run", "sync/hubspot/retry.go", "if IsDaily(err) || r.quota && IsQuota(err) || t.throttled > maxThrottled {", "if t.throttled > 0 {", client},

	{"an archive whose time runs out counts as one that did not happen", "sync/engine/archives.go", "	case hubspot.Unknown(err): // first", "	case hubspot.Unknown(err) && !fatal(err): // first", []suite{{"./sync/engine", "Archive"}}},
	{"our last write hides what the index shows late", "sync/engine/changes.go", "j.window.from, j.window.moved = recent.Stood, recent.Moved", "j.window.from, j.window.moved = recent.Last, recent.Moved", []suite{{"./sync/engine", "Index"}}},
	{"a decision counts that was changed since the plan", "sync/engine/decided.go", "carriesOut(e) && there && is != e.Decided", "carriesOut(e) && there && is == \"-\"", []suite{{"./sync/engine", "Decision"}}},

	// How the source is written.
	{"a cell that the file could not take counts as written after a crash", "sync/engine/sourcesettle.go", "		left := cellsLeft(it, op)", "		left := cellsLeft(it, store.Op{})", []suite{{"./sync/engine", "ACell"}}},
	{"a row is written over that a person changed meanwhile", "sync/engine/sourcewrite.go", "c.Expect[e.Field] = mapping.Value(e.Old)", "_ = c.Expect", whole},
	{"a file is replaced although it moved", "sync/source/localfile/replace.go", "	if now != s.before {\n\t\treturn source.ErrMoved", "	if now == \"\" {\n\t\treturn source.ErrMoved", []suite{{"./sync/source/localfile", "."}, worlds}},
	{"the base of the source is not kept after a crash", "sync/engine/sourcewrite.go", "		o.Source[e.Property] = known(now)\n", "		_ = now\n", whole},

	// How a table is written.
	{"a table is written whatever stands there", "sync/source/database/statements.go", "	return b, w.believed(b, ch.Key, ch.Expect)\n}\n\n// insert is", "	return b, w.believed(b, ch.Key, nil)\n}\n\n// insert is", []suite{{"./sync/source/database", "Races|ByteForByte"}}},
	{"texts are compared as a collation takes them", "sync/source/database/mysql.go", "	b.text(\"CAST(\", m.read(c), \" AS BINARY) <=> CAST(\")\n\tb.arg(text)\n\tb.text(\" AS BINARY)\")", "	b.text(m.read(c), \" <=> \")\n\tb.arg(text)", []suite{{"./sync/source/database", "ByteForByte"}}},
	{"the base of a table is what was sent, not what a trigger made of it", "sync/source/database/write.go", "			o.Now[name] = row.Fields[name]\n\t\t}\n\t\tfor _, k", "			o.Now[name] = ch.Fields[name]\n\t\t}\n\t\tfor _, k", []suite{{"./sync/source/database", "Trigger"}}},
	{"a refused row takes its batch along", "sync/source/database/write.go", "		return errCareful\n", "		return err\n", []suite{{"./sync/source/database", "FailsAlone"}}},
	{"a password goes to another host", "app/databases.go", "secret, err := a.SourceSecret(ctx, address.String())", "secret, err := a.SourceSecret(ctx, (database.Address{Kind: address.Kind, User: address.User, Database: address.Database, Host: \"127.0.0.1\", Port: address.Port}).String())", []suite{{"./app", "Password"}}},

	// What is approved, and what is taken back.
	{"guard rails are not looked at", "sync/engine/guards.go", "	if len(guards) == 0 {\n\t\treturn nil", "	if len(guards) >= 0 {\n\t\treturn nil", []suite{engine}},
	{"a plan is applied though the definition means something else now", "sync/engine/engine.go", "return summary.Meaning == \"\" || summary.Meaning == j.Definition.Hash(), err", "return summary.Meaning != \"none\", err", []suite{engine, {"./app/...", "."}}},
	{"an undo writes over edits made since", "sync/engine/undo.go", "case !f.Rule.Same(values[a.Property], mapping.Value(a.After)):", "case !f.Rule.Same(values[a.Property], values[a.Property]):", examples},
	{"a run that died is not brought to its end", "sync/engine/engine.go", "	run, err := j.Store.Interrupted(ctx, j.sync.ID)\n\tif errors.Is(err, store.ErrNotFound) {", "	run, err := j.Store.Interrupted(ctx, j.sync.ID)\n\tif true {", []suite{engine, worlds}},
	{"a record edited in HubSpot is archived", "sync/engine/untouched.go", "if agreed = f.Rule.Same(base, rec.Properties[p.Name]); !agreed {", "if agreed = f.Rule.Same(base, base); !agreed {", whole},
	{"an edit right before an archive is not told", "sync/engine/archives.go", "Verify: j.Definition.Verify != definition.VerifyNone, PlanID: pl.ID, N: it.N, Fate: it.Fate", "Verify: j.Definition.Verify == definition.VerifyNone, PlanID: pl.ID, N: it.N, Fate: it.Fate", []suite{{"./sync/engine", "Archive"}}},
	{"a row goes with its record though a cell that is not mapped was edited", "sync/engine/wholerow.go", "case !bytes.Equal(whole, pair.Base.Whole):", "case !bytes.Equal(whole, whole):", []suite{{"./sync/engine", "Row"}}},
	{"a plan deletes a row with an edit that it met when it was applied", "sync/engine/wholerow.go", "(was == \"\" || was == whole)", "(was == \"\" || whole != \"-\")", []suite{{"./sync/engine", "EditedAfterThePlan"}}},
	{"a row that left before it was written is a conflict", "sync/engine/sourcewrite.go", "if res.Now == nil && onlyBrings(it) {", "if res.Now == nil && onlyBrings(it) && it.Line < 0 {", []suite{{"./sync/engine", "LeftBeforeItWasWritten"}}},
	{"what a late request made gets a row", "sync/engine/newrows.go", "if it.Kind != plan.ItemSourceCreate || p.mapping.SyncKey == \"\" {", "if it.Kind != plan.ItemSourceCreate || p.mapping.SyncKey != \"-\" {", []suite{{"./sync/engine", "LateRequestMade"}}},
	{"rows that the workspace does not know are spared", "sync/engine/rowssince.go", "if row.Spared && known[i].ID == 0 {\n\t\t\tkeys", "if row.Spared && known[i].ID < 0 {\n\t\t\tkeys", []suite{{"./sync/engine", "OnlyTheChangedRows"}}},
	{"a side that was written alone counts as agreed on", "sync/engine/updates.go", "if !j.comesLast(pl, it, e.Property) {", "if true {", []suite{{"./sync/engine", "Side"}}},
	{"what a person edited before a create was known to have happened counts as agreed on", "sync/engine/recover.go", "if strings.HasPrefix(first.SourceType, \"CRM_UI\") ||", "if strings.HasPrefix(first.SourceType, \"-\") ||", []suite{{"./sync/engine", "KnownYet"}}},
	{"a row under a new key is not known when its record is to go", "sync/engine/secondlook.go", "a.moved[h] = row.Key", "_ = h", []suite{{"./sync/engine", "NewKey"}}},
	{"a stored plan brings what a record does not hold any more", "sync/engine/rowsagain.go", "|| !j.reread && len(j.Definition.HubSpot.Filter) == 0 &&", "|| j.reread || len(j.Definition.HubSpot.Filter) == 0 &&", []suite{{"./sync/engine", "Stale"}}},
	{"a stored plan brings what a record held that is gone", "sync/engine/rowsagain.go", "if j.goesOn || !j.reread || now == nil {", "if kept = append(kept, e); now == nil {", []suite{{"./sync/engine", "StoredPlanBrings"}}},
	{"a row is made of what only a search still shows", "sync/engine/rowsagain.go", "!j.reread && len(j.Definition.HubSpot.Filter) == 0 && !it", "!j.reread && !it", []suite{{"./sync/engine", "OnlyASearch"}}},
	{"what an earlier reading saw of a record that is gone is brought", "sync/engine/rowsagain.go", "len(j.Definition.HubSpot.Filter) == 0 && !it.ReadAt.Before(j.began) {", "len(j.Definition.HubSpot.Filter) == 0 {", []suite{{"./sync/engine", "PullOfChangesBrings"}}},
	{"a row gets another key from HubSpot", "sync/engine/resolve.go", "if !slices.Contains(p.Definition.Source.Key, f.Column()) {", "if slices.Contains(p.Definition.Source.Key, f.Column()) || true {", []suite{{"./sync/engine", "KeepsItsKey|GivesARow"}}},
	{"a record goes with one of its rows although another stays", "sync/engine/gone.go", "case len(others) > 0:", "case len(others) > 99:", []suite{{"./sync/engine", "AsLongAsOneOfItsRows"}}},
	{"a new address takes the place of one that only HubSpot had", "sync/engine/resolve.go", "if why := p.crowdsOut(f, pair, d, state); why != \"\" {", "if why := p.crowdsOut(f, pair, d, state); why == \"-\" {", []suite{{"./sync/engine", "FurtherAddress"}}},

	// What the longer worlds showed.
	{"what one side alone changed is asked about", "sync/merge/merge.go", "case p.source.says && p.hubspot.says:\n\t\treturn p.bothChanged(BothChanged)", "case p.source.says || p.hubspot.says:\n\t\treturn p.bothChanged(BothChanged)", ghosts},
	{"a conflict shows what would be written, not what stands there", "sync/engine/resolve.go", "HubSpot: mapping.Value(e.HubSpot).String()}\n\tif e.Agreed {", "HubSpot: mapping.Value(e.New).String()}\n\tif e.Agreed {", ghosts},
	{"a call gives its place back before its ten seconds are over", "sync/hubspot/gate.go", "e.sent, e.back = now, now.Add(g.set.window+g.slack)", "e.sent, e.back = now, now.Add(g.set.window/4)", ghosts},
	{"what an answer says is shown as it is, the token too", "sync/hubspot/errors.go", "	return func(s string) string { return redact.Secrets(own(s)) }", "	_ = own\n\treturn func(s string) string { return s }", ghosts},
	{"a correction is not written back", "sync/engine/corrections.go", "f.Column() != c.Field || f.Direction == definition.ToHubSpot {", "f.Column() != c.Field || f.Direction != definition.FromHubSpot {", []suite{{"./sync/engine", "Correction"}}},
	{"a correction outlives the cell that it was made on", "sync/engine/corrections.go", "		case now != c.Cell:\n", "		case now == \"-\":\n", []suite{{"./sync/engine", "Correction"}}},
	{"what was created is taken in the order of the answer", "sync/engine/creates.go", "	if key := rec.Properties[SyncKeyProperty].String(); key != \"\" {\n\t\tfor i, op := range ops {", "	if len(ops) > 0 {\n\t\treturn 0\n\t}\n	if key := rec.Properties[SyncKeyProperty].String(); key != \"\" {\n\t\tfor i, op := range ops {", []suite{{"./sync/engine/simulation", "TheEndIsTheSame"}}},
	{"a record that rows wait for gets a row of its own", "store/links.go", "m.reason IN ('several', 'shared', 'taken', 'other')", "m.reason IN ('several')", []suite{{"./sync/engine", "RowsWaitFor"}}},
	{"a merged record is marked as gone with one of its rows", "sync/engine/gate.go", "	if merged.Empty() || !slices", "	if !merged.Empty() || !slices", []suite{{"./sync/engine", "MergedRecordStays"}}},
	{"what both sides agreed on is forgotten where a pair is decided anew", "sync/engine/gate.go", "if len(o.Source) == 0 || pair.Base == nil {", "if len(o.Source) >= 0 || pair.Base == nil {", []suite{{"./sync/engine", "AgreedOnHolds"}}},

	// What people said of two that look like one, and what is decided on the way.
	{"of what was said of two, one that contradicts is kept", "store/twinrulings.go", "			g.differ(t.A, t.B)\n", "", twins},
	{"a decision that comes while another is on its way is lost", "store/overtaken.go", "err != nil || n > 0 || d.Source == nil", "err != nil || n >= 0 || d.Source == nil", []suite{{"./sync/engine", "OnTheWay"}}},
	{"a run that is cut off at its end ended when the next finds it", "sync/engine/engine.go", "if ended.IsZero() {", "if !ended.IsZero() {", []suite{{"./sync/engine", "CutOffAtItsEnd"}}},
	{"a record that was read by id is in the scope that it was in", "sync/engine/scope.go", "if in[id] != scope[id] {", "if false {", []suite{{"./sync/engine", "Scope|IndexShowedIt"}}},
}
