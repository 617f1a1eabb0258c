package newsync

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"syncline/app"
	"syncline/app/suggest"
	"syncline/sync/definition"
	"syncline/ui/layouts"
	"syncline/ui/look"
	"syncline/ui/post"
	"syncline/ui/shell"
	"syncline/ui/widgets"
	"syncline/ui/widgets/grid"
	"syncline/ui/wording"
)

// keyStep chooses the match key by what all rows and all records show.
type keyStep struct {
	s      *newSyncScreen
	check  *app.KeyCheck // nil until everything was counted
	keys   []suggest.Key // the candidates, judged by what is known
	extra  []suggest.Line
	order  []suggest.Line // the chosen key, then those tried after it
	picked bool           // the person chose; a later count does not choose again
	loose  bool           // there is no key: each row becomes a new record
	all    bool           // candidates that are no keys are shown too

	job     int
	cancel  context.CancelFunc
	busy    bool
	at      app.KeyProgress
	err     error
	outcome *app.KeyOutcome
	samples []app.KeySample

	said   *widgets.Paragraph
	bar    *widgets.StackedBar
	halt   *widgets.Button
	again  *widgets.Button
	state  *fyne.Container
	table  *keyTable
	others *fyne.Container
	then   *fyne.Container
	rows   *grid.Grid
	sample *fyne.Container
	panel  *fyne.Container
	root   *fyne.Container
}

func newKeyStep(s *newSyncScreen) *keyStep {
	k := &keyStep{s: s}
	k.said = widgets.NewParagraph("", look.Body, look.T2)
	k.bar = widgets.NewProgressBar(0, 1)
	k.halt = widgets.NewButton(widgets.Plain, "stop", "Stop counting", k.stop)
	k.again = widgets.NewButton(widgets.Quiet, "retry", "Count all", k.count)
	k.halt.Small, k.again.Small = true, true
	k.state = widgets.NewColumn(6)
	k.table = newKeyTable(func(i int) { k.choose(i) }, s.proceed)
	k.others, k.then, k.panel = widgets.NewColumn(0), widgets.NewRow(8), widgets.NewColumn(0)
	k.rows = grid.New(look.RowCompact,
		grid.Column{ID: "row", Title: "Row", Width: 110},
		grid.Column{ID: "source", Title: "In the source", Width: 220, Grow: 2},
		grid.Column{ID: "hubspot", Title: "In HubSpot", Width: 180, Grow: 1.6},
		grid.Column{ID: "by", Title: "By", Width: 120, Grow: 0.6})
	k.rows.Length = func() int { return len(k.samples) }
	k.rows.Cell = k.cell
	k.rows.OnActivated = func(int) { s.proceed() }
	k.sample = container.New(&lineHigh{}, widgets.NewFlushCard(k.rows))
	main := widgets.NewPaddedColumn(12, 0, 20,
		widgets.NewColumn(4, widgets.NewLine("What identifies a row’s record in HubSpot?", look.Heading, look.T1), k.state),
		k.table, k.others, k.then, k.sample)
	k.root = container.New(beside{}, container.NewVScroll(main), newPanel(0, 20, k.panel))
	return k
}

// lineHigh gives its object a height.
type lineHigh struct{ height float32 }

// Layout implements fyne.Layout.
func (t *lineHigh) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	layouts.Move(objects[0], 0, 0, size.Width, size.Height)
}

// MinSize implements fyne.Layout.
func (t *lineHigh) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.NewSize(200, t.height) }

func (k *keyStep) content() fyne.CanvasObject { return k.root }
func (k *keyStep) focus() {
	if len(k.keys) == 0 {
		widgets.FocusOn(k.s.forward)
		return
	}
	widgets.FocusOn(k.table)
}

func (k *keyStep) answer() string {
	switch {
	case k.loose:
		return "none"
	case len(k.order) == 0:
		return ""
	}
	return k.label(k.order[0].Property)
}

func (k *keyStep) next() (string, string) {
	const text = "Continue to field map"
	if len(k.order) == 0 && !k.loose {
		return text, "Choose what identifies a record"
	}
	return text, ""
}

// forget drops the figures, for another file or object type.
func (k *keyStep) forget() {
	k.stop()
	k.check, k.keys, k.extra, k.order, k.picked, k.loose, k.err = nil, nil, nil, nil, false, false, nil
	k.outcome, k.samples = nil, nil
}

// enter counts once; coming back finds the figures.
func (k *keyStep) enter() {
	if k.check == nil && !k.busy && k.err == nil {
		k.fromSample()
		k.count()
		return
	}
	k.show()
}

// fromSample judges the candidates by the rows looked at, until all are
// counted.
func (k *keyStep) fromSample() {
	d := k.s.draft
	k.keys = suggest.Keys(d.Schema.Columns, d.Properties, d.KeyLines(k.extra...), nil)
	k.suggestOrder()
}

// suggestOrder chooses the best candidate and tries the other good ones after
// it, unless the person chose.
func (k *keyStep) suggestOrder() {
	known := func(l suggest.Line) bool {
		return slices.ContainsFunc(k.keys, func(c suggest.Key) bool { return keyLine(c) == l })
	}
	k.order = slices.DeleteFunc(k.order, func(l suggest.Line) bool { return !known(l) })
	if k.picked && (k.loose || len(k.order) > 0) {
		return
	}
	k.order = nil
	defer func() { k.loose = len(k.order) == 0 && k.s.draft.Object.Activity && k.creates() }()
	for _, c := range k.keys {
		if len(k.order) == 0 && c.Verdict != suggest.NotAKey || c.Verdict <= suggest.Good && len(k.order) < 2 {
			k.order = append(k.order, keyLine(c))
		}
	}
}

func keyLine(k suggest.Key) suggest.Line { return suggest.Line{Field: k.Field, Property: k.Property} }

// label is what HubSpot calls a property.
func (k *keyStep) label(property string) string {
	for _, p := range k.s.draft.Properties {
		if p.Name == property && p.Label != "" {
			return p.Label
		}
	}
	return property
}

// count reads all rows and records.
func (k *keyStep) count() {
	k.stop()
	ctx, cancel := context.WithCancel(k.s.w.Ctx)
	k.job++
	job, d, lines := k.job, k.s.draft, k.s.draft.KeyLines(k.extra...)
	if len(lines) == 0 {
		cancel()
		k.show()
		return
	}
	k.cancel, k.busy, k.err, k.check, k.outcome, k.samples, k.at = cancel, true, nil, nil, nil, nil, app.KeyProgress{}
	pump := post.NewPump(k.s.w.Post, func(p app.KeyProgress) {
		if job == k.job && k.busy {
			k.at = p
			k.showState()
		}
	})
	k.s.w.Background(func() { pump.Run(ctx, progressEvery) })
	shell.Load(k.s.w, func(context.Context) (*app.KeyCheck, error) { return k.s.w.App.CheckKeys(ctx, d, lines, pump.Set) }, func(c *app.KeyCheck) {
		if job != k.job {
			return
		}
		k.stop()
		k.check, k.keys = c, c.Keys
		k.suggestOrder()
		k.show()
		k.s.refresh()
		k.match()
	}, func(err error) {
		if job != k.job || ctx.Err() != nil {
			return
		}
		k.stop()
		k.err = err
		k.show()
		k.s.refresh()
	})
	k.show()
	k.s.refresh()
}

// stop ends the counting; what is judged by the sample stays.
func (k *keyStep) stop() {
	if k.cancel != nil {
		k.cancel()
	}
	if k.busy {
		k.job++
	}
	k.cancel = nil
	if k.busy {
		k.busy = false
		if k.s.step == stepKey {
			k.show()
			k.focus()
		}
	}
}

// choose takes a candidate as the key.
func (k *keyStep) choose(i int) {
	shown := k.shown()
	if i >= len(shown) {
		return
	}
	l := keyLine(shown[i])
	rest := slices.DeleteFunc(slices.Clone(k.order), func(o suggest.Line) bool { return o == l })
	if len(rest) > 0 && len(k.order) > 0 && rest[0] == k.order[0] {
		// The key that was best before is tried after the new one, if it is good.
		if j := slices.IndexFunc(k.keys, func(c suggest.Key) bool { return keyLine(c) == rest[0] }); j < 0 || k.keys[j].Verdict > suggest.Good {
			rest = rest[1:]
		}
	}
	k.take(append([]suggest.Line{l}, rest...))
}

// take makes these the keys, in their order.
func (k *keyStep) take(order []suggest.Line) {
	k.order, k.picked, k.loose = order, true, false
	k.s.changed(stepKey)
	k.show()
	k.s.refresh()
	k.match()
}

// adopt takes the keys that were chosen in the field map.
func (k *keyStep) adopt(match []definition.MatchKey) {
	k.order, k.picked, k.loose = nil, true, len(match) == 0 && k.loose
	for _, m := range match {
		l := suggest.Line{Field: m.Field, Property: m.Property}
		k.order = append(k.order, l)
		if !slices.ContainsFunc(k.keys, func(c suggest.Key) bool { return keyLine(c) == l }) {
			k.extra = append(k.extra, l)
			k.check, k.outcome, k.samples = nil, nil, nil // it is counted when the step is opened
		}
	}
	k.match()
}

// match shows what the chosen keys lead to.
func (k *keyStep) match() {
	if k.check == nil || len(k.order) == 0 {
		return
	}
	check, order, d := k.check, slices.Clone(k.order), k.s.draft
	type result struct {
		outcome app.KeyOutcome
		samples []app.KeySample
	}
	shell.Load(k.s.w, func(ctx context.Context) (r result, err error) {
		if r.outcome, err = check.Outcome(order...); err != nil {
			return r, err
		}
		r.samples, err = k.s.w.App.KeySamples(ctx, d, check, r.outcome)
		return r, err
	}, func(r result) {
		if check != k.check || !slices.Equal(order, k.order) {
			return
		}
		k.outcome, k.samples = &r.outcome, r.samples
		k.show()
	}, nil)
}

// proceed gives the keys to the draft and opens the field map.
func (k *keyStep) proceed() {
	k.stop()
	k.s.fieldMap.forget()
	k.s.draft.UseMatch(k.order...)
	k.s.goStep(stepMap)
}

// shown are the candidates in the table: without those that are no keys, when
// there are others.
func (k *keyStep) shown() []suggest.Key {
	if k.all {
		return k.keys
	}
	var few []suggest.Key
	for i, c := range k.keys {
		if i < 4 || c.Verdict != suggest.NotAKey || slices.Contains(k.order, keyLine(c)) || slices.Contains(k.extra, keyLine(c)) {
			few = append(few, c)
		}
	}
	return few
}

// show draws the whole step.
func (k *keyStep) show() {
	k.showState()
	shown := k.shown()
	rows := make([]candidate, 0, len(shown))
	for _, c := range shown {
		rows = append(rows, candidate{Key: c, label: k.label(c.Property)})
	}
	chosen := -1
	if len(k.order) > 0 {
		chosen = slices.IndexFunc(shown, func(c suggest.Key) bool { return keyLine(c) == k.order[0] })
	}
	k.table.set(rows, chosen, k.check != nil)
	k.others.Objects = nil
	if hidden := len(k.keys) - len(shown); hidden > 0 || k.all {
		text := fmt.Sprintf("%s more pairs are no keys", look.Number(hidden))
		if k.all {
			text = "Pairs that are no keys are shown"
		}
		f := widgets.NewFold("match-key", text, func(open bool) {
			k.all = open
			k.show()
		})
		f.Open = k.all
		k.others.Add(f)
	}
	k.showThen()
	k.showSamples()
	k.showPanel()
	k.root.Refresh()
}

// showState says what the figures rest on.
func (k *keyStep) showState() {
	k.state.Objects = nil
	object := wording.Lower(k.s.draft.Object.Label)
	switch {
	case k.err != nil:
		e := app.Explain(k.err)
		k.state.Add(widgets.NewErrorPanel(e.What, wording.JoinSentences("The candidates are judged by the first rows only", e.Means, e.Do), e.CorrelationID,
			widgets.NewButton(widgets.Plain, "retry", "Count again", func() {
				k.err = nil
				k.count()
			})))
	case k.busy:
		text := fmt.Sprintf("Checking %s %s and %s rows · %s API calls", look.Number(k.at.Records), object, look.Number(k.at.Rows), look.Number(k.at.Calls))
		if k.at.RecordsTotal > 0 {
			text = fmt.Sprintf("Checking %s of %s %s and %s rows · %s API calls", look.Number(k.at.Records), look.Number(max(k.at.RecordsTotal, k.at.Records)), object, look.Number(k.at.Rows), look.Number(k.at.Calls))
		}
		k.said.SetText(text)
		k.bar.SetProgress(k.at.Records, max(k.at.RecordsTotal, k.at.Records, 1))
		k.state.Add(container.NewBorder(nil, nil, nil, k.halt, container.New(halfway{}, k.said)))
		k.state.Add(k.bar)
	case k.check != nil:
		k.said.SetText(fmt.Sprintf("Checked on all %s rows and %s %s, in %s API calls. A good key is always filled and never repeated.", look.Number(k.check.Rows), look.Number(k.check.Records), object, look.Number(k.check.Calls)))
		k.state.Add(k.said)
	case len(k.keys) == 0 && k.loose:
		k.said.SetText(fmt.Sprintf("HubSpot knows %s by no property that a column holds, so that each row becomes a new one.", object))
		k.state.Add(k.said)
	case len(k.keys) == 0:
		k.said.SetText("No column seems to hold what a property of HubSpot identifies records by. Choose the pair yourself.")
		k.state.Add(k.said)
	default:
		k.said.SetText("Judged by the first rows of the file only.")
		k.state.Add(container.NewBorder(nil, nil, nil, k.again, container.New(halfway{}, k.said)))
	}
	k.state.Refresh()
	k.root.Refresh()
}

// showThen offers what is tried for rows without a match.
func (k *keyStep) showThen() {
	k.then.Objects = nil
	const ask = "If a row has no match, then try"
	label := sized(container.New(halfway{}, widgets.NewLine(ask, look.Body, look.T2)), look.Body.Width(ask)+6)
	if len(k.order) > 0 && len(k.keys) > 1 {
		k.then.Add(label)
		for i := 1; i <= max(len(k.order)-1, 1); i++ {
			k.then.Add(sized(k.thenSelect(i), 180))
		}
		if len(k.order) > 1 && len(k.order) < len(k.keys) {
			k.then.Add(widgets.NewButton(widgets.Quiet, "create", "Add another", k.addThen))
		}
	}
	k.then.Add(widgets.NewButton(widgets.Quiet, "link", "Another pair…", k.askPair))
	if k.canBeLoose() && !k.loose {
		k.then.Add(widgets.NewButton(widgets.Quiet, "create", "No key: each row is a new "+wording.Lower(k.s.draft.Object.LabelSingular), k.loosen))
	}
	k.then.Refresh()
}

// thenSelect is the choice of the key at a place of the order.
func (k *keyStep) thenSelect(place int) *widgets.Select {
	options, lines, selected := []string{"Nothing else"}, []suggest.Line{{}}, 0
	for _, c := range k.keys {
		l := keyLine(c)
		if i := slices.Index(k.order, l); i >= 0 && i != place {
			continue
		} else if i == place {
			selected = len(options)
		}
		options, lines = append(options, c.Field), append(lines, l)
	}
	return widgets.NewSelect(options, selected, func(i int) {
		order := slices.Clone(k.order)
		switch {
		case i == 0 && place < len(order):
			order = slices.Delete(order, place, place+1)
		case i > 0 && place < len(order):
			order[place] = lines[i]
		case i > 0:
			order = append(order, lines[i])
		}
		k.take(order)
	})
}

// addThen tries the next candidate too.
func (k *keyStep) addThen() {
	for _, c := range k.keys {
		if !slices.Contains(k.order, keyLine(c)) {
			k.take(append(slices.Clone(k.order), keyLine(c)))
			return
		}
	}
}

// askPair lets the person name a pair that was not suggested.
func (k *keyStep) askPair() {
	d := k.s.draft
	var fields, labels, names []string
	for _, c := range d.Schema.Columns {
		fields = append(fields, c.Name)
	}
	for _, p := range d.Properties {
		if !p.Hidden && suggest.Identifies(p) {
			labels, names = append(labels, p.Label), append(names, p.Name)
		}
	}
	field, property := widgets.NewSelect(fields, -1, nil), widgets.NewSelect(labels, -1, nil)
	field.PlaceHolder, property.PlaceHolder = "Choose a column", "Choose a property"
	form := widgets.NewColumn(8,
		widgets.NewLine("Column of the file", look.Small, look.T2), field,
		widgets.NewLine("Property in HubSpot", look.Small, look.T2), property,
		widgets.NewInfoBox("Only properties that can identify a record are listed. The pair is counted over all rows and records, which reads them once more."))
	dialog := widgets.NewDialog("Match by another pair", "", form)
	dialog.Width = 480
	dialog.Primary = widgets.NewButton(widgets.Primary, "", "Add this pair", nil)
	dialog.Primary.SetReason("Choose a column and a property")
	allow := func(int) {
		if field.Selected >= 0 && property.Selected >= 0 {
			dialog.Primary.SetReason("")
		}
	}
	field.OnChanged, property.OnChanged = allow, allow
	dialog.Primary.OnTapped = func() {
		l := suggest.Line{Field: field.Text(), Property: names[property.Selected]}
		dialog.Close()
		if !slices.Contains(k.extra, l) {
			k.extra = append(k.extra, l)
		}
		k.fromSample()
		k.count()
	}
	dialog.First = field
	dialog.Open(k.s.w.Win.Canvas())
}

// cell is what the table of samples shows.
func (k *keyStep) cell(row, col int) grid.Cell {
	if row >= len(k.samples) {
		return grid.Cell{}
	}
	s := k.samples[row]
	switch col {
	case 0:
		return grid.Cell{Text: s.Row, Mono: true, Style: grid.Label}
	case 1:
		return grid.Cell{Text: s.Name}
	case 2:
		return k.matched(s)
	}
	return grid.Cell{Text: s.By.Field, Style: grid.Label}
}

func (k *keyStep) matched(s app.KeySample) grid.Cell {
	switch {
	case s.Match == app.MatchOne:
		return grid.Cell{Text: s.Record}
	case s.Match == app.MatchNone && k.creates():
		return grid.Cell{Text: "New " + wording.Lower(k.s.draft.Object.LabelSingular), TagOf: look.Create}
	case s.Match == app.MatchNone:
		return grid.Cell{Text: "No record, skipped", TagOf: look.Skipped}
	case s.Records > 1:
		return grid.Cell{Text: look.Number(s.Records) + " records match", TagOf: look.Conflict}
	case s.Rivals > 1:
		return grid.Cell{Text: look.Number(s.Rivals) + " rows share it", TagOf: look.Conflict}
	}
	return grid.Cell{Text: "Belongs to another row", TagOf: look.Conflict}
}

func (k *keyStep) creates() bool { return k.s.draft.Definition.Create.InHubSpot() }

func (k *keyStep) showSamples() {
	if t, ok := k.sample.Layout.(*lineHigh); ok {
		t.height = look.GridHeader + float32(len(k.samples))*look.RowCompact + 3
	}
	if len(k.samples) > 0 {
		k.sample.Show()
	} else {
		k.sample.Hide()
	}
	k.rows.Refresh()
}

// showPanel says what the chosen keys lead to.
func (k *keyStep) showPanel() {
	k.panel.Objects = nil
	if k.loose {
		k.showLoose()
		return
	}
	k.panel.Add(widgets.NewLine("With this key", look.Heading, look.T1))
	o := k.outcome
	if o == nil {
		text := "The figures appear when all rows and records are counted."
		if !k.busy && k.check == nil {
			text = "Count all rows and records to see how many match."
		}
		k.panel.Add(widgets.NewParagraph(text, look.Small, look.T2))
		k.panel.Refresh()
		return
	}
	k.panel.Add(widgets.NewLine(look.Number(k.check.Rows)+" rows", look.Small, look.T2))
	none := look.Skipped
	noneText := "would be skipped"
	if k.creates() {
		none, noneText = look.Create, "would be created"
	}
	k.panel.Add(container.New(layouts.Margin(0, 8), widgets.NewStackedBar(8, k.check.Rows,
		widgets.Part{Ink: look.Unchanged.Solid(), N: o.One}, widgets.Part{Ink: none.Solid(), N: o.None},
		widgets.Part{Ink: look.Conflict.Solid(), N: o.Several}, widgets.Part{Ink: look.Failed.Solid(), N: o.Barred})))
	add := func(m look.Meaning, title, sub string, n int) {
		k.panel.Add(widgets.NewFigureRow(m, m.Icon(), title, sub, look.Number(n)))
	}
	add(look.Unchanged, "Match one record", k.byText(o), o.One)
	add(none, "No record yet", noneText, o.None)
	add(look.Conflict, "Not one to one", "wait in Review, never guessed", o.Several)
	if o.Barred > 0 {
		add(look.Failed, "Take no part", "the row key is empty or shared", o.Barred)
	}
	k.panel.Add(container.New(layouts.Margin(0, 12), widgets.NewInfoBox("A match is remembered as a link. Later runs use the link, even if the "+wording.Lower(k.label(k.order[0].Property))+" changes.")))
	k.panel.Refresh()
}

// byText says how many rows the later keys matched.
func (k *keyStep) byText(o *app.KeyOutcome) string {
	var parts []string
	for i, n := range o.By {
		if i > 0 && n > 0 {
			parts = append(parts, fmt.Sprintf("%s of them by %s", look.Number(n), k.order[i].Field))
		}
	}
	if len(parts) == 0 {
		return "by " + k.order[0].Field
	}
	return strings.Join(parts, ", ")
}
