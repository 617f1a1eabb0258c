package suggest_test

import (
	"testing"

	"syncline/app/suggest"
	"syncline/sync/record"
	"syncline/sync/source"
)

func sampled(name string, filled, unique int, samples ...string) source.Column {
	return source.Column{Name: name, Type: record.Guess(samples), Sampled: 100, Filled: filled, Unique: unique, Samples: samples}
}

func TestRowKeys(t *testing.T) {
	t.Parallel()
	keys := suggest.RowKeys([]source.Column{
		sampled("Name", 100, 100, "Ann", "Bob"),
		sampled("Email", 100, 100, "ann@x.example", "bob@x.example"),
		sampled("Amount", 100, 100, "12.50", "7.10"),
		sampled("City", 100, 12, "Bonn", "Rome"),
		sampled("Fax", 40, 40, "1", "2"),
		sampled("Customer no", 100, 100, "C-1", "C-2"),
		sampled("Order id", 100, 97, "1", "2"),
		sampled("Nothing", 0, 0),
	})
	want := []struct {
		column  string
		verdict suggest.Verdict
	}{{"Customer no", suggest.Best}, {"Email", suggest.Good}, {"Order id", suggest.Weak}, {"Name", suggest.Weak}, {"Amount", suggest.Weak}, {"City", suggest.NotAKey}, {"Fax", suggest.NotAKey}, {"Nothing", suggest.NotAKey}}
	for i, w := range want {
		if keys[i].Column != w.column || keys[i].Verdict != w.verdict || keys[i].Reason == "" {
			t.Errorf("key %d is %+v, want %v", i, keys[i], w)
		}
	}
}

func TestGuessObject(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		columns []string
		file    string
		want    string
	}{
		"people":            {[]string{"First name", "Last name", "Email", "Company"}, "list.csv", "contacts"},
		"German people":     {[]string{"Vorname", "Nachname", "Firma"}, "liste.csv", "contacts"},
		"a Salesforce file": {[]string{"id", "Salutation", "FirstName", "LastName", "Email", "account_id"}, "1k_Contact.csv", "contacts"},
		"companies":         {[]string{"Name", "Website", "Industry", "NumberOfEmployees"}, "data.csv", "companies"},
		"accounts":          {[]string{"id", "Name", "BillingStreet", "BillingCity", "Phone"}, "1k_Account.csv", "companies"},
		"opportunities":     {[]string{"id", "Name", "StageName", "CloseDate", "Amount", "account_id"}, "1k_Opportunity.csv", "deals"},
		"tickets":           {[]string{"Ticket", "Subject", "Priority", "Email"}, "export.csv", "tickets"},
		"products":          {[]string{"SKU", "Product", "Price"}, "export.csv", "products"},
		"line items":        {[]string{"SKU", "Quantity", "Unit price"}, "export.csv", "line_items"},
		"the file says":     {[]string{"a", "b"}, "Companies.xlsx", "companies"},
		"order lines":       {[]string{"Order number", "SKU", "Qty"}, "order_items.csv", "line_items"},
		"orders":            {[]string{"Order number", "Order date", "Total", "Email"}, "orders.csv", "orders"},
		"invoices":          {[]string{"Invoice number", "Due date", "Amount"}, "2024-invoices.csv", "invoices"},
		"leads of people":   {[]string{"First name", "Last name", "Email", "Lead source"}, "list.csv", "contacts"},
		"tasks":             {[]string{"Title", "Due date", "Assigned to"}, "todo.csv", "tasks"},
		"projects":          {[]string{"Project name", "Start"}, "x.csv", "projects"},
		"nothing known":     {[]string{"a", "b"}, "x.csv", "contacts"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var columns []source.Column
			for _, c := range tt.columns {
				columns = append(columns, source.Column{Name: c})
			}
			got := suggest.GuessObject(columns, tt.file)
			if got.Name != tt.want || got.Reason == "" {
				t.Errorf("got %+v, want %s", got, tt.want)
			}
		})
	}
	if got := suggest.GuessObject([]source.Column{sampled("Kontakt", 3, 3, "a@x.example")}, ""); got.Name != "contacts" || got.Reason == "Nothing in the columns says what the rows are" {
		t.Errorf("addresses give %+v", got)
	}
}
