using System.Text.Json;

namespace Blobs.Oci;

/// <content>Changes of one entry each.</content>
public sealed partial record RunConfig
{
    private static readonly JsonElement EmptyObject = JsonElement.Parse("{}");

    /// <summary>This config with an environment variable set. One that exists keeps its position.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="value">Its value.</param>
    public RunConfig WithVariable(string name, string value)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        string entry = $"{name}={value}";
        List<string> entries = [.. Env ?? []];
        int index = entries.FindIndex(other => other.StartsWith($"{name}=", StringComparison.Ordinal));
        if (index < 0)
        {
            entries.Add(entry);
        }
        else
        {
            entries[index] = entry;
        }

        return this with { Env = entries };
    }

    /// <summary>This config with a label set.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="value">Its value; null removes it.</param>
    public RunConfig WithLabel(string name, string? value)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        var labels = new Dictionary<string, string>(Labels ?? new Dictionary<string, string>());
        labels.Remove(name);
        if (value is not null)
        {
            labels.Add(name, value);
        }

        return this with { Labels = labels.Count > 0 ? labels : null };
    }

    /// <summary>This config with a port that is listened on.</summary>
    /// <param name="port"><c>PORT/PROTOCOL</c>, such as <c>80/tcp</c>.</param>
    public RunConfig WithPort(string port) => this with { ExposedPorts = With(ExposedPorts, port) };

    /// <summary>This config with a volume.</summary>
    /// <param name="path">Its path in the container.</param>
    public RunConfig WithVolume(string path) => this with { Volumes = With(Volumes, path) };

    private static Dictionary<string, JsonElement> With(IReadOnlyDictionary<string, JsonElement>? set, string item)
    {
        ArgumentException.ThrowIfNullOrEmpty(item);
        var items = new Dictionary<string, JsonElement>(set ?? new Dictionary<string, JsonElement>());
        items.TryAdd(item, EmptyObject);
        return items;
    }
}
