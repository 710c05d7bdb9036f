# schema.jq - what of a document is not as its schema says, a line each: jq -rn -f tests/schema.jq --slurpfile schema S --slurpfile doc D
#
# The keywords of JSON Schema 2020-12 that the schemas of this project use; any other is a complaint of its own, and, since
# they are to describe all that is written, so is a member that the schema does not name.
def known: ["$schema", "$id", "$defs", "$ref", "title", "description", "type", "required", "properties", "items", "enum", "const", "anyOf",
	"pattern", "minimum"];
def kinds: if type == "number" then (if . == floor then ["number", "integer"] else ["number"] end) else [type] end;
def wrong($root; $schema; $at):
	. as $value
	| ($schema | keys[] | select(IN(known[]) | not) | "\($at): the keyword \(.) is not known here"),
	  (if $schema["$ref"] then wrong($root; $root | getpath($schema["$ref"] | ltrimstr("#/") | split("/")); $at) else empty end),
	  (if $schema | has("const") then (if $value == $schema.const then empty else "\($at): is not \($schema.const)" end) else empty end),
	  (if $schema.enum then (if any($schema.enum[]; . == $value) then empty else "\($at): \($value) is none of \($schema.enum)" end) else empty end),
	  (if $schema.type then (if any(kinds[]; IN([$schema.type] | flatten | .[])) then empty else "\($at): \($value | type) is no \($schema.type)" end) else empty end),
	  (if $schema.minimum and type == "number" and $value < $schema.minimum then "\($at): \($value) is below \($schema.minimum)" else empty end),
	  (if $schema.pattern and type == "string" and (test($schema.pattern) | not) then "\($at): \($value) has another form" else empty end),
	  (if $schema.anyOf then ([$schema.anyOf[] as $s | [wrong($root; $s; $at)]] | if any(.[]; length == 0) then empty else .[0][] end) else empty end),
	  (if type == "object" and $schema.properties then
		($schema.required // [] | .[] | select(in($value) | not) | "\($at).\(.): is missing"),
		($value | keys[] | select(in($schema.properties) | not) | "\($at).\(.): is not described"),
		($value | to_entries[] | select(.key | in($schema.properties)) | .key as $k | .value | wrong($root; $schema.properties[$k]; "\($at).\($k)"))
	   else empty end),
	  (if type == "array" and $schema.items then (to_entries[] | .key as $k | .value | wrong($root; $schema.items; "\($at)[\($k)]")) else empty end);
$doc[0] | wrong($schema[0]; $schema[0]; "$")
