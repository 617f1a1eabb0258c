package submissions_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"syncline/sync/hubspot"
	"syncline/sync/hubspot/practice"
	"syncline/sync/hubspot/practice/content"
	"syncline/sync/hubspot/practice/practicetest"
	"syncline/sync/record"
	"syncline/sync/source"
	"syncline/sync/source/submissions"
	"syncline/sync/source/tabular"
)

// desk is a portal with the form "Contact us".
func desk(t testing.TB, s practice.Switches, fields ...content.FormField) (*practice.Portal, *hubspot.Client, string) {
	t.Helper()
	p := practicetest.New(t, practice.Options{Switches: s})
	f := content.Forms()[0]
	f.Groups = append(f.Groups, content.FormGroup{Fields: fields})
	p.AddForm(f)
	c, err := hubspot.New(hubspot.Config{Tokens: hubspot.StaticToken(p.Token()), Transport: p.Transport()})
	if err != nil {
		t.Fatal(err)
	}
	return p, c, f.ID
}

func send(t testing.TB, p *practice.Portal, form string, pairs ...string) {
	t.Helper()
	var values []practice.SubmittedValue
	for i := 0; i < len(pairs); i += 2 {
		values = append(values, practice.SubmittedValue{Name: pairs[i], Value: pairs[i+1]})
	}
	if _, err := p.Submit(form, "https://www.example.com/contact", values...); err != nil {
		t.Fatal(err)
	}
}

func rows(t testing.TB, s source.Source, since time.Time) (all []record.Row) {
	t.Helper()
	for row, err := range s.Rows(t.Context(), since) {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, row)
	}
	return all
}

func TestSubmissionsAreRowsTheNewestFirst(t *testing.T) {
	t.Parallel()
	for _, s := range []practice.Switches{{}, {SubmittedChoicesJoined: true, SubmittedTypesUntold: true}, {SubmissionsByPosition: true}} {
		synctest.Test(t, func(t *testing.T) {
			p, c, id := desk(t, s, content.FormField{ObjectTypeID: "0-1", Name: "date_of_birth", FieldType: "datepicker"})
			for _, email := range []string{"ada@example.com", "bob@example.com"} {
				send(t, p, id, "email", email, "hs_buying_role", "DECISION_MAKER", "hs_buying_role", "END_USER", "message", "Hello\nthere", "date_of_birth", "631152000000", "shoe_size", "43")
				time.Sleep(time.Hour)
			}
			src, err := submissions.Open(t.Context(), submissions.Options{Client: c, Form: "contact US"})
			if err != nil {
				t.Fatal(err)
			}
			all := rows(t, src, time.Time{})
			if len(all) != 2 || all[0].Fields["email"].String() != "bob@example.com" || all[0].Key == "" || all[0].Key == all[1].Key || !all[1].Modified.Equal(time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)) {
				t.Fatalf("rows %+v", all)
			}
			want := map[string]string{"email": "ada@example.com", "firstname": "", "lastname": "", "phone": "", "hs_buying_role": "DECISION_MAKER;END_USER", "message": "Hello\nthere", "date_of_birth": "1990-01-01",
				"conversionId": all[1].Key, "submittedAt": "2000-01-01T00:00:00.000Z", "pageUrl": "https://www.example.com/contact"}
			got := make(map[string]string)
			for name, v := range all[1].Fields {
				got[name] = v.String()
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
			if late := rows(t, src, all[0].Modified); len(late) != 1 || late[0].Key != all[0].Key {
				t.Errorf("since the last one: %+v", late)
			}
			rows(t, src, time.Time{})
			if notes := src.Notes(); len(notes) != 1 || !strings.Contains(notes[0].Text, "2 submissions have something in shoe_size") {
				t.Errorf("notes %+v", notes)
			}
			schema, err := source.Outline(t.Context(), src)
			if err != nil || schema.Abilities.Insert || schema.Abilities.Why == "" || len(schema.Columns) != 10 || schema.Columns[3].Label != "Email" {
				t.Errorf("%v: %+v", err, schema)
			}
			described, err := src.Describe(t.Context())
			if err != nil || described.Columns[3].Filled != 2 {
				t.Errorf("%v: %+v", err, described.Columns)
			}
		})
	}
}

func TestFieldsOfOneNameOfTwoObjectTypesAreToldApart(t *testing.T) {
	t.Parallel()
	for _, untold := range []bool{false, true} {
		p, c, id := desk(t, practice.Switches{SubmittedTypesUntold: untold}, content.FormField{ObjectTypeID: "0-2", Name: "phone", FieldType: "phone"})
		if _, err := p.Submit(id, "", practice.SubmittedValue{Name: "phone", Value: "1", ObjectTypeID: "0-1"}, practice.SubmittedValue{Name: "phone", Value: "2", ObjectTypeID: "0-2"}); err != nil {
			t.Fatal(err)
		}
		src, err := submissions.Open(t.Context(), submissions.Options{Client: c, Form: id})
		if err != nil {
			t.Fatal(err)
		}
		for row, err := range src.Rows(t.Context(), time.Time{}) {
			var doubt *source.RowError
			switch {
			case untold && (!errors.As(err, &doubt) || !slices.Contains(doubt.Columns, "phone") || !slices.Contains(doubt.Columns, "0-2/phone")):
				t.Errorf("whose the values are is not told, and taken: %v", err)
			case !untold && (err != nil || row.Fields["phone"].String() != "1" || row.Fields["0-2/phone"].String() != "2"):
				t.Errorf("%v: %v", err, row.Fields)
			}
		}
	}
}

func TestAFormOrKeyThatIsNotThereIsNamed(t *testing.T) {
	t.Parallel()
	_, c, _ := desk(t, practice.Switches{})
	_, err := submissions.Open(t.Context(), submissions.Options{Client: c, Form: "Contact"})
	var none *submissions.NoFormError
	if !errors.As(err, &none) || !slices.Equal(none.Names, []string{"Contact us"}) {
		t.Errorf("%v", err)
	}
	_, err = submissions.Open(t.Context(), submissions.Options{Client: c, Form: "Contact us", Key: []string{"mail"}})
	var column *tabular.ColumnError
	if !errors.As(err, &column) || column.Column != "mail" {
		t.Errorf("%v", err)
	}
}
