// Writes the TypeScript types of a declaration from its JSON Schema; knows only the shapes that the schema uses.

/** The text of a module with one interface for the declaration and one for each object among the definitions. */
export function declarationTypes(schema, source) {
  const named = Object.entries(schema.definitions).filter(([, definition]) => "properties" in definition);
  const types = [
    interfaceOf("Declaration", schema),
    ...named.map(([name, definition]) => interfaceOf(nameOf(name), definition)),
  ];
  return `// Made by .config/generate.mjs from ${source}; do not edit.\n\n${types.join("\n")}`;

  function interfaceOf(name, node) {
    const fields = Object.entries(node.properties).map(([field, inner]) => {
      const optional = node.required?.includes(field) ? "" : "?";
      const type = typeOf(inner) + (optional ? " | undefined" : "");
      return `${doc(resolved(inner).description, "  ")}  readonly ${field}${optional}: ${type};\n`;
    });
    return `${doc(node.description, "")}export interface ${name} {\n${fields.join("")}}\n`;
  }

  function typeOf(node) {
    if ("$ref" in node) {
      const name = node.$ref.replace("#/definitions/", "");
      const definition = schema.definitions[name];
      if (!("properties" in definition)) return typeOf(definition);
      return nameOf(name) + (definition.type.includes("null") ? " | null" : "");
    }
    if ("anyOf" in node) return typeOf(node.anyOf[0]);
    if ("enum" in node) return node.enum.map((value) => JSON.stringify(value)).join(" | ");
    if ("const" in node) return JSON.stringify(node.const);
    if (Array.isArray(node.type)) return node.type.map((type) => typeOf({ ...node, type })).join(" | ");
    if (node.type === "array") return `readonly ${typeOf(node.items)}[]`;
    if (node.type === "object") return `Readonly<Record<string, ${typeOf(node.additionalProperties)}>>`;
    if (["string", "boolean", "null"].includes(node.type)) return node.type;
    throw new Error(`no type for ${JSON.stringify(node)}`);
  }

  function resolved(node) {
    return "$ref" in node ? schema.definitions[node.$ref.replace("#/definitions/", "")] : node;
  }
}

function nameOf(definition) {
  return `${definition.slice(0, 1).toUpperCase()}${definition.slice(1)}Declaration`;
}

function doc(text, indent) {
  return `${indent}/** ${text.replaceAll("*/", "*\\/")} */\n`;
}
