using Blobs.Hashing;
using Blobs.Json;

namespace Blobs.Oci;

/// <summary>
/// An image config that is being made, and the JSON dockerd 20.10 writes for it: only the top level is sorted by name, everything below
/// keeps the order of its Go struct. What the engine does not know of a config it does not write.
/// </summary>
internal sealed record ImageDraft
{
    public string? Comment { get; init; }

    /// <summary>RFC 3339; Go's zero time when null.</summary>
    public string? Created { get; init; }

    public string? Container { get; init; }

    /// <summary>The config of the container the image was made in; written even when empty.</summary>
    public RunConfig ContainerConfig { get; init; } = new();

    public string? DockerVersion { get; init; }

    public string? Author { get; init; }

    public RunConfig? Config { get; init; }

    public Platform Platform { get; init; } = new();

    public IReadOnlyList<DiffId> DiffIds { get; init; } = [];

    public IReadOnlyList<HistoryEntry> History { get; init; } = [];

    /// <summary>What the engine reads from a config.</summary>
    public static ImageDraft From(ImageConfig image) => new()
    {
        Comment = image.Comment,
        Created = image.Created,
        Container = image.Container,
        ContainerConfig = image.ContainerConfig,
        DockerVersion = image.DockerVersion,
        Author = image.Author,
        Config = image.HasConfig ? image.Config : null,
        Platform = image.Platform,
        DiffIds = image.DiffIds,
        History = image.History,
    };

    /// <summary>The config.</summary>
    public ImageConfig ToConfig() => ImageConfig.Parse(Sorted(
    [
        .. LegacyMembers(id: null, parent: null),
        ("history", History.Count > 0 ? HistoryJson() : null),
        ("os.features", Platform.OsFeatures is { Count: > 0 } features ? Json(json => json.Strings(features)) : null),
        ("os.version", Text(Platform.OsVersion)),
        ("rootfs", Json(WriteRootFs)),
    ]));

    /// <summary>The <c>json</c> of a layer in archives for engines before 1.10, its members in struct order.</summary>
    public byte[] ToLegacyJson(string id, string? parent) => Object(LegacyMembers(id, parent));

    /// <summary>The name of such a layer: SHA-256 of the same members, sorted, with the stack it stands for.</summary>
    public Digest LegacyId(ChainId layer, Digest? parent) => Digest.OfSha256(Sorted(
    [
        .. LegacyMembers(id: null, parent: null),
        ("layer_id", Text($"{layer}")),
        ("parent", Text(parent?.ToString())),
    ]));

    private IEnumerable<(string Name, byte[]? Json)> LegacyMembers(string? id, string? parent) =>
    [
        ("id", Text(id)),
        ("parent", Text(parent)),
        ("comment", Text(Comment)),
        ("created", Text(GoTime.Normalize(Created) ?? GoTime.Zero)),
        ("container", Text(Container)),
        ("container_config", RunConfigWriter.ToJson(ContainerConfig)),
        ("docker_version", Text(DockerVersion)),
        ("author", Text(Author)),
        ("config", Config is null ? null : RunConfigWriter.ToJson(Config)),
        ("architecture", Text(Platform.Architecture)),
        ("variant", Text(Platform.Variant)),
        ("os", Text(Platform.Os)),
    ];

    private void WriteRootFs(GoJsonWriter json)
    {
        json.BeginObject();
        json.Name("type");
        json.String("layers");
        if (DiffIds.Count > 0)
        {
            json.Name("diff_ids");
            json.Strings(DiffIds.Select(id => id.ToString()));
        }

        json.EndObject();
    }

    private byte[] HistoryJson() => Json(json =>
    {
        json.BeginArray();
        foreach (HistoryEntry step in History)
        {
            json.Raw(Object(
            [
                ("created", Text(GoTime.Normalize(step.Created) ?? GoTime.Zero)),
                ("author", Text(step.Author)),
                ("created_by", Text(step.CreatedBy)),
                ("comment", Text(step.Comment)),
                ("empty_layer", step.EmptyLayer ? "true"u8.ToArray() : null),
            ]));
        }

        json.EndArray();
    });

    private static byte[] Sorted(IEnumerable<(string Name, byte[]? Json)> members) =>
        Object(members.OrderBy(member => member.Name, GoOrder.Instance));

    // Members without a value are left out: Go's omitempty.
    private static byte[] Object(IEnumerable<(string Name, byte[]? Json)> members) => Json(json =>
    {
        json.BeginObject();
        foreach ((string name, byte[]? value) in members)
        {
            if (value is not null)
            {
                json.Name(name);
                json.Raw(value);
            }
        }

        json.EndObject();
    });

    private static byte[]? Text(string? value) => string.IsNullOrEmpty(value) ? null : Json(json => json.String(value));

    private static byte[] Json(Action<GoJsonWriter> write)
    {
        var json = new GoJsonWriter();
        write(json);
        return json.ToArray();
    }
}
