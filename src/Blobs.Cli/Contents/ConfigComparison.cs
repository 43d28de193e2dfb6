using System.Text.Json;
using Blobs.Errors.Internal;

namespace Blobs.Cli.Contents;

/// <summary>Compares the configs of two images: platform and run options, but no times, history or layers.</summary>
internal static class ConfigComparison
{
    private static readonly string[] Members = ["architecture", "variant", "os", "os.version", "author"];

    /// <summary>The differences, in order of their names.</summary>
    public static IReadOnlyList<ConfigDifference> Of(ReadOnlyMemory<byte> before, ReadOnlyMemory<byte> after)
    {
        SortedDictionary<string, string> old = Values(before);
        SortedDictionary<string, string> now = Values(after);
        return [.. old.Keys.Union(now.Keys).Order(StringComparer.Ordinal)
            .Select(name => new ConfigDifference(name, old.GetValueOrDefault(name), now.GetValueOrDefault(name)))
            .Where(difference => difference.Before != difference.After)];
    }

    private static SortedDictionary<string, string> Values(ReadOnlyMemory<byte> config)
    {
        var values = new SortedDictionary<string, string>(StringComparer.Ordinal);
        using JsonDocument document = JsonDocument.Parse(config);
        foreach (JsonProperty member in document.RootElement.EnumerateObject())
        {
            if (member.Name == "config" && member.Value.ValueKind == JsonValueKind.Object)
            {
                AddRunOptions(member.Value, values);
            }
            else if (Members.Contains(member.Name))
            {
                Add(values, member.Name, member.Value);
            }
        }

        return values;
    }

    private static void AddRunOptions(JsonElement config, SortedDictionary<string, string> values)
    {
        foreach (JsonProperty option in config.EnumerateObject())
        {
            if (option.Name == "Env" && option.Value.ValueKind == JsonValueKind.Array)
            {
                foreach (string variable in option.Value.EnumerateArray().Select(Text))
                {
                    int equals = variable.IndexOf('=', StringComparison.Ordinal);
                    values[$"Env {Shown(equals < 0 ? variable : variable[..equals])}"] = Shown(variable[(equals + 1)..]);
                }
            }
            else if (option.Value.ValueKind == JsonValueKind.Object)
            {
                foreach (JsonProperty entry in option.Value.EnumerateObject())
                {
                    Add(values, $"{option.Name} {entry.Name}", entry.Value);
                }
            }
            else
            {
                Add(values, option.Name, option.Value);
            }
        }
    }

    // What is empty or missing means the same.
    private static void Add(SortedDictionary<string, string> values, string name, JsonElement value)
    {
        string text = Text(value);
        if (text is not ("" or "null" or "[]" or "false"))
        {
            values[Shown(name)] = Shown(text);
        }
    }

    private static string Text(JsonElement value) =>
        value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText();

    private static string Shown(string text) => Printable.Escape(System.Text.Encoding.UTF8.GetBytes(text));
}
