using Blobs.Hashing;
using Blobs.Json;

namespace Blobs.Oci;

/// <summary>
/// An image config that is being made, and the JSON dockerd 20.10 writes for it: only the top level is sorted by name, everything below
/// keeps the order of its Go struct. What the engine does not know of the config
/// below stays: at the top level in order of name, elsewhere where it stood.
/// </summary>
internal sealed record ImageDraft
{
    /// <summary>A comment on the image.</summary>
    public string? Comment { get; init; }

    /// <summary>RFC 3339; Go's zero time when null.</summary>
    public string? Created { get; init; }

    /// <summary>The container it was made in.</summary>
    public string? Container { get; init; }

    /// <summary>The config of the container the image was made in; written even when empty.</summary>
    public RunConfig ContainerConfig { get; init; } = new();

    /// <summary>The version of the engine that made it.</summary>
    public string? DockerVersion { get; init; }

    /// <summary>Who made it.</summary>
    public string? Author { get; init; }

    /// <summary>What its containers run.</summary>
    public RunConfig? Config { get; init; }

    /// <summary>What it runs on.</summary>
    public Platform Platform { get; init; } = new();

    /// <summary>Its layers, base first.</summary>
    public IReadOnlyList<DiffId> DiffIds { get; init; } = [];

    /// <summary>The steps that made it.</summary>
    public IReadOnlyList<HistoryEntry> History { get; init; } = [];

    /// <summary>What <c>rootfs</c> is made of; <c>layers</c> when null.</summary>
    public string? RootFsType { get; init; }

    /// <summary>Members of the top level that the engine does not know.</summary>
    public UnknownMembers Unknown { get; init; } = UnknownMembers.None;

    /// <summary>The same of <c>rootfs</c>.</summary>
    public UnknownMembers UnknownOfRootFs { get; init; } = UnknownMembers.None;

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
        Unknown = image.Unknown,
        RootFsType = image.RootFsType,
        UnknownOfRootFs = image.UnknownOfRootFs,
    };

    /// <summary>The config.</summary>
    public ImageConfig ToConfig() => ImageConfig.Parse(Sorted(
    [
        .. Members(id: null, parent: null, RunConfigWriter.ToJson),
        ("history", History.Count > 0 ? HistoryJson() : null),
        ("os.features", Platform.OsFeatures is { Count: > 0 } features ? Json(json => json.Strings(features)) : null),
        ("os.version", Text(Platform.OsVersion)),
        ("rootfs", RootFsJson()),
        .. Unknown.All,
    ]));

    /// <summary>The config of a layer's own <c>json</c>, as engines before 1.10 wrote it, with <see cref="DiffIds"/> and
    /// <see cref="History"/> of this.</summary>
    /// <param name="members">The members that it keeps, as they are to be written.</param>
    public ImageConfig ToConfig(IEnumerable<(string Name, byte[] Json)> members) => ImageConfig.Parse(Sorted(
    [
        .. members.Select(member => (member.Name, (byte[]?)member.Json)),
        ("history", HistoryJson()),
        ("rootfs", RootFsJson()),
    ]));

    /// <summary>The <c>json</c> of a layer in archives for engines before 1.10, its members in struct order: what dockerd 20.10
    /// knows, and nothing else.</summary>
    public byte[] ToLegacyJson(string id, string? parent) =>
        Object(Members(id, parent, RunConfigWriter.ToKnownJson));

    /// <summary>The name of such a layer: SHA-256 of the same members, sorted, with the stack it stands for.</summary>
    public Digest LegacyId(ChainId layer, Digest? parent) => Digest.OfSha256(Sorted(
    [
        .. Members(id: null, parent: null, RunConfigWriter.ToKnownJson),
        ("layer_id", Text($"{layer}")),
        ("parent", Text(parent?.ToString())),
    ]));

    private IEnumerable<(string Name, byte[]? Json)> Members(string? id, string? parent, Func<RunConfig, byte[]> write) =>
    [
        ("id", Text(id)),
        ("parent", Text(parent)),
        ("comment", Text(Comment)),
        ("created", Text(GoTime.Normalize(Created) ?? GoTime.Zero)),
        ("container", Text(Container)),
        ("container_config", write(ContainerConfig)),
        ("docker_version", Text(DockerVersion)),
        ("author", Text(Author)),
        ("config", Config is null ? null : write(Config)),
        ("architecture", Text(Platform.Architecture)),
        ("variant", Text(Platform.Variant)),
        ("os", Text(Platform.Os)),
    ];

    private byte[] RootFsJson() => Json(json => json.Object(
        [
            ("type", Text(string.IsNullOrEmpty(RootFsType) ? "layers" : RootFsType)),
            ("diff_ids", DiffIds.Count > 0 ? Json(list => list.Strings(DiffIds.Select(id => id.ToString()))) : null),
        ],
        UnknownOfRootFs));

    private byte[] HistoryJson() => Json(json =>
    {
        json.BeginArray();
        foreach (HistoryEntry step in History)
        {
            json.Object(
                [
                    ("created", Text(GoTime.Normalize(step.Created) ?? GoTime.Zero)),
                    ("author", Text(step.Author)),
                    ("created_by", Text(step.CreatedBy)),
                    ("comment", Text(step.Comment)),
                    ("empty_layer", step.EmptyLayer ? "true"u8.ToArray() : null),
                ],
                step.Unknown);
        }

        json.EndArray();
    });

    private static byte[] Sorted(IEnumerable<(string Name, byte[]? Json)> members) =>
        Object(members.OrderBy(member => member.Name, GoOrder.Instance));

    private static byte[] Object(IEnumerable<(string Name, byte[]? Json)> members) => Json(json => json.Object(members));

    private static byte[]? Text(string? value) => string.IsNullOrEmpty(value) ? null : Json(json => json.String(value));

    private static byte[] Json(Action<GoJsonWriter> write) => GoJsonWriter.Value(write);
}
