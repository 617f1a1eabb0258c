package transform

import "sync"

type state struct {
	code, name string
	other      string // another usual name
}

var stateCountries = map[string]string{"US": "the United States", "CA": "Canada", "AU": "Australia", "DE": "Germany"}

// states are the first-level subdivisions by country, with their postal codes
// (ISO 3166-2 without the country).
var states = map[string][]state{
	"US": {
		{code: "AL", name: "Alabama"}, {code: "AK", name: "Alaska"}, {code: "AZ", name: "Arizona"}, {code: "AR", name: "Arkansas"},
		{code: "CA", name: "California"}, {code: "CO", name: "Colorado"}, {code: "CT", name: "Connecticut"}, {code: "DE", name: "Delaware"},
		{code: "DC", name: "District of Columbia", other: "Washington DC"}, {code: "FL", name: "Florida"}, {code: "GA", name: "Georgia"},
		{code: "HI", name: "Hawaii"}, {code: "ID", name: "Idaho"}, {code: "IL", name: "Illinois"}, {code: "IN", name: "Indiana"},
		{code: "IA", name: "Iowa"}, {code: "KS", name: "Kansas"}, {code: "KY", name: "Kentucky"}, {code: "LA", name: "Louisiana"},
		{code: "ME", name: "Maine"}, {code: "MD", name: "Maryland"}, {code: "MA", name: "Massachusetts"}, {code: "MI", name: "Michigan"},
		{code: "MN", name: "Minnesota"}, {code: "MS", name: "Mississippi"}, {code: "MO", name: "Missouri"}, {code: "MT", name: "Montana"},
		{code: "NE", name: "Nebraska"}, {code: "NV", name: "Nevada"}, {code: "NH", name: "New Hampshire"}, {code: "NJ", name: "New Jersey"},
		{code: "NM", name: "New Mexico"}, {code: "NY", name: "New York"}, {code: "NC", name: "North Carolina"}, {code: "ND", name: "North Dakota"},
		{code: "OH", name: "Ohio"}, {code: "OK", name: "Oklahoma"}, {code: "OR", name: "Oregon"}, {code: "PA", name: "Pennsylvania"},
		{code: "RI", name: "Rhode Island"}, {code: "SC", name: "South Carolina"}, {code: "SD", name: "South Dakota"}, {code: "TN", name: "Tennessee"},
		{code: "TX", name: "Texas"}, {code: "UT", name: "Utah"}, {code: "VT", name: "Vermont"}, {code: "VA", name: "Virginia"},
		{code: "WA", name: "Washington", other: "Washington State"}, {code: "WV", name: "West Virginia"}, {code: "WI", name: "Wisconsin"}, {code: "WY", name: "Wyoming"},
		{code: "AS", name: "American Samoa"}, {code: "GU", name: "Guam"}, {code: "MP", name: "Northern Mariana Islands"},
		{code: "PR", name: "Puerto Rico"}, {code: "VI", name: "U.S. Virgin Islands", other: "Virgin Islands"},
	},
	"CA": {
		{code: "AB", name: "Alberta"}, {code: "BC", name: "British Columbia"}, {code: "MB", name: "Manitoba"}, {code: "NB", name: "New Brunswick"},
		{code: "NL", name: "Newfoundland and Labrador", other: "Newfoundland"}, {code: "NS", name: "Nova Scotia"}, {code: "NT", name: "Northwest Territories"},
		{code: "NU", name: "Nunavut"}, {code: "ON", name: "Ontario"}, {code: "PE", name: "Prince Edward Island", other: "PEI"},
		{code: "QC", name: "Quebec", other: "PQ"}, {code: "SK", name: "Saskatchewan"}, {code: "YT", name: "Yukon", other: "Yukon Territory"},
	},
	"AU": {
		{code: "ACT", name: "Australian Capital Territory"}, {code: "NSW", name: "New South Wales"}, {code: "NT", name: "Northern Territory"},
		{code: "QLD", name: "Queensland"}, {code: "SA", name: "South Australia"}, {code: "TAS", name: "Tasmania"}, {code: "VIC", name: "Victoria"},
		{code: "WA", name: "Western Australia"},
	},
	"DE": {
		{code: "BW", name: "Baden-Württemberg", other: "Baden-Wuerttemberg"}, {code: "BY", name: "Bayern", other: "Bavaria"}, {code: "BE", name: "Berlin"},
		{code: "BB", name: "Brandenburg"}, {code: "HB", name: "Bremen"}, {code: "HH", name: "Hamburg"}, {code: "HE", name: "Hessen", other: "Hesse"},
		{code: "MV", name: "Mecklenburg-Vorpommern"}, {code: "NI", name: "Niedersachsen", other: "Lower Saxony"},
		{code: "NW", name: "Nordrhein-Westfalen", other: "NRW"}, {code: "RP", name: "Rheinland-Pfalz", other: "Rhineland-Palatinate"},
		{code: "SL", name: "Saarland"}, {code: "SN", name: "Sachsen", other: "Saxony"}, {code: "ST", name: "Sachsen-Anhalt", other: "Saxony-Anhalt"},
		{code: "SH", name: "Schleswig-Holstein"}, {code: "TH", name: "Thüringen", other: "Thuringia"},
	},
}

// stateIndex has the states of each country by the keys of their names and
// codes.
var stateIndex = sync.OnceValue(func() map[string]map[string]state {
	index := make(map[string]map[string]state, len(states))
	for country, all := range states {
		index[country] = make(map[string]state)
		for _, st := range all {
			for _, text := range []string{st.code, st.name, st.other} {
				if key := placeKey(text); key != "" {
					index[country][key] = st
				}
			}
		}
	}
	return index
})
