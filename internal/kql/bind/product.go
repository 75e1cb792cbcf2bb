package bind

import (
	"slices"
	"sync"

	"spoor/internal/kql/syntax"
)

// productFunctions are the functions of hunting that are not part of KQL, in KQL. A
// parameter that is used over the input's rows goes by a name of its own there, for the
// input may have a column called x. The columns are Microsoft's, the values what is known
// here:
//
//   - FileProfile: nothing that only a vendor's cloud knows of a file. It is null or
//     empty, and ProfileAvailability is Missing; it is empty for what is no hash and
//     beyond the limit, as Microsoft documents it.
//   - DeviceFromIP, AssignedIPAddresses: claims on addresses, each of which holds 12
//     hours either side; the nearest wins, and several devices hold the address when
//     theirs are equally near. Without a time the last claims decide.
//   - SeenBy: no sensor tells which device discovered another; the list is empty.
var productFunctions = []StoredFunction{
	{"FileProfile", `(T:(*), x:string = 'SHA1', y:long = 100) {
    let _fileProfileColumn = x;
    let _fileProfileLimit = min_of(y, 1000);
    T
    | serialize _fileProfileRow = row_number()
    | extend _fileProfileKey = toint(_fileProfileRow <= _fileProfileLimit and tostring(column_ifexists(_fileProfileColumn, '')) matches regex '^(?:[0-9A-Fa-f]{32}|[0-9A-Fa-f]{40}|[0-9A-Fa-f]{64})$')
    | project-away _fileProfileRow
    | join kind=leftouter (datatable(_fileProfileKey:int, ProfileAvailability:string) [1, 'Missing', 0, '']
        | project SHA1 = '', SHA256 = '', MD5 = '', FileSize = int(null), GlobalPrevalence = int(null), GlobalFirstSeen = datetime(null),
            GlobalLastSeen = datetime(null), Signer = '', Issuer = '', SignerHash = '', IsCertificateValid = bool(null),
            IsRootSignerMicrosoft = bool(null), SignatureState = '', IsExecutable = bool(null), ThreatName = '', Publisher = '',
            SoftwareName = '', ProfileAvailability, _fileProfileKey) on _fileProfileKey
    | project-away _fileProfileKey, _fileProfileKey1
}`},
	{"DeviceFromIP", `(T:(*), x:string = 'IP', y:datetime = datetime(null)) {
    let claims = SpoorAddressHolders
        | where isnull(y) or FirstSeen <= y + 12h and LastSeen >= y - 12h
        | extend distance = iff(isnull(y), datetime(9999-12-31) - LastSeen, max_of(FirstSeen - y, y - LastSeen, 0s));
    let holders = claims
        | join kind=inner (claims | summarize nearest = min(distance) by Site, Address) on Site, Address
        | where distance == nearest
        | distinct IP = Address, DeviceId, _deviceFromIPKey = Address;
    let _deviceFromIPColumn = x;
    T
    | extend _deviceFromIPKey = tostring(column_ifexists(_deviceFromIPColumn, ''))
    | join kind=leftouter holders on _deviceFromIPKey
    | project-away _deviceFromIPKey, _deviceFromIPKey1
}`},
	{"AssignedIPAddresses", `(x:string, y:datetime = datetime(null)) {
    let own = SpoorAddressHolders | where DeviceId == x or DeviceName =~ x;
    let at = iff(isnull(y), toscalar(own | summarize max(LastSeen)), y);
    let claims = SpoorAddressHolders
        | where FirstSeen <= at + 12h and LastSeen >= at - 12h
        | extend distance = max_of(FirstSeen - at, at - LastSeen, 0s);
    claims
    | join kind=inner (claims | summarize nearest = min(distance) by Site, Address) on Site, Address
    | where distance == nearest and (DeviceId == x or DeviceName =~ x)
    | summarize Timestamp = max(LastSeen) by IPAddress = Address
    | project Timestamp, IPAddress,
        IPType = iff(ipv4_is_private(IPAddress) or ipv6_is_in_any_range(IPAddress, 'fc00::/7', 'fe80::/10'), 'Private', 'Public'),
        NetworkAdapterType = int(null), ConnectedNetworks = int(null)
}`},
	{"SeenBy", `(T:(*), x:string = 'DeviceId') { T | extend SeenBy = dynamic([]) }`},
	{"InboundExternalNetworkEvents", `(x:string = '') {
    DeviceNetworkEvents
    | where Timestamp > ago(7d) and DeviceId == x and RemoteIPType == 'Public'
    | where ActionType in ('InboundConnectionAccepted', 'InboundInternetScanInspected')
}`},
}

// productText is which of the texts that a query is made of the product's functions are.
const productText = 1

// product reads the functions once.
var product = sync.OnceValue(func() []storedFunction {
	out := make([]storedFunction, len(productFunctions))
	for i, f := range productFunctions {
		def, diags := syntax.ParseFunction(f.Text, productText*textSize)
		if len(diags) > 0 {
			panic("bind: the function " + f.Name + " of hunting does not parse: " + diags[0].Message)
		}
		out[i] = storedFunction{f.Name, def}
	}
	return out
})

// defineProduct makes the functions known. Names that people or a query define go before
// them.
func (b *binder) defineProduct() {
	for _, f := range product() {
		b.define(f.name, b.letDefinition(f.def))
	}
}

// columnsByName lets a function of the product take a column by its bare name where it
// takes the name as a text: invoke FileProfile(SHA1).
func columnsByName(in Rel, args []syntax.Expr) []syntax.Expr {
	out := make([]syntax.Expr, len(args))
	for i, a := range args {
		out[i] = a
		if n, ok := a.(*syntax.Name); ok && find(in.Columns(), n.Text) != nil {
			out[i] = syntax.TextAt(n.Text, n.Span())
		}
	}
	return out
}

// ProductFunctions are the functions of the product. Those that are not written in KQL
// have a body that gives their columns: a watchlist's are open.
func ProductFunctions() []StoredFunction {
	return append(slices.Clone(productFunctions),
		StoredFunction{"_GetWatchlist", `(watchlistAlias:string, keys:dynamic = dynamic([])) {
    datatable(_DTItemId:string, LastUpdatedTimeUTC:datetime, SearchKey:string, WatchlistItem:dynamic) []
    | extend Item = WatchlistItem
    | evaluate bag_unpack(Item)
}`},
		StoredFunction{"_GetWatchlistAlias", `() { print WatchlistAlias = '' }`})
}
