package content

// makerID is the user who made the team's own definitions: Ingrid Solberg.
const makerID = "76070032"

// Owners returns the portal's owners in the order of their ids, the archived
// one included. They sell and support for the invented company Norrsken.
func Owners() []Owner {
	sales := Team{ID: "368389", Name: "Sales", Primary: true}
	success := Team{ID: "368412", Name: "Customer success", Primary: true}
	partners := Team{ID: "371044", Name: "Partners"}
	make1 := func(id string, user int64, first, last, email string, archived bool, teams ...Team) Owner {
		o := Owner{ID: id, Email: email, Type: "PERSON", FirstName: first, LastName: last,
			UserID: &user, UserIDIncludingInactive: user, Archived: archived, Teams: teams,
			CreatedAt: "2022-03-14T08:20:11.402Z", UpdatedAt: "2025-06-02T12:05:37.190Z"}
		if archived {
			o.UserID = nil
		}
		return o
	}
	return []Owner{
		make1("41629779", 76070032, "Ingrid", "Solberg", "ingrid.solberg@norrsken-software.com", false, sales),
		make1("41629802", 61526318, "Mateo", "Fernández", "mateo.fernandez@norrsken-software.com", false, sales, partners),
		make1("58114023", 61787410, "Aiko", "Tanaka", "aiko.tanaka@norrsken-software.com", false, sales),
		make1("58114077", 61787466, "Thomas", "Brandt", "thomas.brandt@norrsken-software.com", false, success),
		make1("73390155", 73390155, "Chiara", "De Luca", "chiara.deluca@norrsken-software.com", false, success),
		make1("73390161", 62904120, "Rahul", "Iyer", "rahul.iyer@norrsken-software.com", false, sales),
		make1("91220648", 64117902, "Siobhán", "O'Neill", "siobhan.oneill@norrsken-software.com", false, success),
		make1("39970412", 60011845, "Piotr", "Zieliński", "piotr.zielinski@norrsken-software.com", true),
	}
}
