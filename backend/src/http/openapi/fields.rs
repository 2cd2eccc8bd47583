//! The fields of a schema and of all that it refers to, one by one, for the page.

use frontend::pages::docs::Field;
use serde_json::Value;

/// Schemas lie in each other less deep than this.
const DEEPEST: usize = 8;

/// The parameters of an operation.
pub(super) fn parameters(operation: &Value) -> Vec<Field> {
    let parameters = operation["parameters"].as_array().into_iter().flatten();
    parameters
        .map(|parameter| Field {
            name: text(&parameter["name"]),
            place: text(&parameter["in"]),
            required: parameter["required"] == true,
            says: text(&parameter["description"]),
        })
        .collect()
}

/// The fields of a body, by their paths: `checks[].address`.
pub(super) fn of_body(description: &Value, body: &Value) -> Vec<Field> {
    let mut fields = Vec::new();
    let contents = body["content"].as_object().into_iter().flatten();
    for (_, content) in contents {
        add(&mut fields, description, &content["schema"], "", 0);
    }
    fields
}

/// The fields of one schema.
pub(super) fn of_schema(description: &Value, schema: &Value) -> Vec<Field> {
    let mut fields = Vec::new();
    add(&mut fields, description, schema, "", 0);
    fields
}

fn add(fields: &mut Vec<Field>, description: &Value, schema: &Value, within: &str, depth: usize) {
    if depth > DEEPEST {
        return;
    }
    if let Some(named) = schema["$ref"].as_str().and_then(|name| name.get(1..)) {
        let named = description.pointer(named).unwrap_or(&Value::Null);
        return add(fields, description, named, within, depth + 1);
    }
    for parts in ["allOf", "oneOf"] {
        for part in schema[parts].as_array().into_iter().flatten() {
            add(fields, description, part, within, depth + 1);
        }
    }
    if schema["items"].is_object() {
        let within = [within, "[]"].concat();
        add(fields, description, &schema["items"], &within, depth + 1);
    }
    let required = schema["required"].as_array();
    for (name, property) in schema["properties"].as_object().into_iter().flatten() {
        let path = match within {
            "" => name.clone(),
            within => [within, ".", name].concat(),
        };
        fields.push(Field {
            place: String::new(),
            required: required.is_some_and(|names| names.iter().any(|one| one == name)),
            says: text(&property["description"]),
            name: path.clone(),
        });
        add(fields, description, property, &path, depth + 1);
    }
}

/// The text of a value; empty where it is none.
pub(super) fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
