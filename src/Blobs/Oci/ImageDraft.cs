using Blobs.Hashing;
using Blobs.Json;
using Blobs.Json.Internal;
using Blobs.Oci.Internal;

namespace Blobs.Oci;

/// <summary>
/// A new image config, written as dockerd 20.10 writes it: the top level is sorted by name, everything below keeps the
/// order of its Go struct. Members that dockerd does not know are kept: at the top level sorted in, elsewhere in their
/// old position.
/// </summary>
public sealed partial record ImageDraft
{
    /// <summary>A comment on the image.</summary>
    public string? Comment { get; init; }

    /// <summary>RFC 3339; Go's zero time when null.</summary>
    public string? Created { get; init; }

    /// <summary>The container it was made in.</summary>
    public string? Container { get; init; }

    /// <summary>How the container ran from which the image was made; written even when empty.</summary>
    public RunConfig ContainerConfig { get; init; } = new();

    /// <summary>The docker version that made it.</summary>
    public string? DockerVersion { get; init; }

    /// <summary>Its author.</summary>
    public string? Author { get; init; }

    /// <summary>How its containers run.</summary>
    public RunConfig? Config { get; init; }

    /// <summary>The platform that it is for.</summary>
    public Platform Platform { get; init; } = new();

    /// <summary>Its layers, base first.</summary>
    public IReadOnlyList<DiffId> DiffIds { get; init; } = [];

    /// <summary>The steps that made it.</summary>
    public IReadOnlyList<HistoryEntry> History { get; init; } = [];

    /// <summary>Type of <c>rootfs</c>; <c>layers</c> when null.</summary>
    public string? RootFsType { get; init; }

    /// <summary>Members of the top level that dockerd does not know.</summary>
    public UnknownMembers Unknown { get; init; } = UnknownMembers.None;

    /// <summary>Members of <c>rootfs</c> that dockerd does not know.</summary>
    public UnknownMembers UnknownOfRootFs { get; init; } = UnknownMembers.None;

    /// <summary>A draft with all members of a config that dockerd reads.</summary>
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

    /// <summary>Writes the config.</summary>
    public ImageConfig ToConfig() => ImageConfig.Parse(Sorted(
    [
        .. Members(id: null, parent: null, RunConfigWriter.ToJson),
        ("history", History.Count > 0 ? HistoryJson() : null),
        ("os.features", Platform.OsFeatures is { Count: > 0 } features ? Json(json => json.Strings(features)) : null),
        ("os.version", Text(Platform.OsVersion)),
        ("rootfs", RootFsJson()),
        .. Unknown.All,
    ]));

    /// <summary>Writes a config from the members of a layer's <c>json</c> (docker before 1.10), with <see cref="DiffIds"/> and
    /// <see cref="History"/> of this draft.</summary>
    /// <param name="members">The members to keep, as they are to be written.</param>
    public ImageConfig ToConfig(IEnumerable<(string Name, byte[] Json)> members) => ImageConfig.Parse(Sorted(
    [
        .. members.Select(member => (member.Name, (byte[]?)member.Json)),
        ("history", HistoryJson()),
        ("rootfs", RootFsJson()),
    ]));

    /// <summary>Writes the <c>json</c> of a layer in archives for docker before 1.10: only members that dockerd 20.10
    /// knows, in struct order.</summary>
    public byte[] ToLegacyJson(string id, string? parent) =>
        Object(Members(id, parent, RunConfigWriter.ToKnownJson));

    /// <summary>The id of such a layer: SHA-256 of the same members, sorted, with the layer's ChainID.</summary>
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

    private byte[] HistoryJson() => JsonEdit.Array(History.Select(step => StepJson(step, GoTime.Zero)));

    private static byte[] StepJson(HistoryEntry step, string? withoutTime) => Json(json => json.Object(
        [
            ("created", Text(GoTime.Normalize(step.Created) ?? withoutTime)),
            ("author", Text(step.Author)),
            ("created_by", Text(step.CreatedBy)),
            ("comment", Text(step.Comment)),
            ("empty_layer", step.EmptyLayer ? "true"u8.ToArray() : null),
        ],
        step.Unknown));

    private static byte[] Sorted(IEnumerable<(string Name, byte[]? Json)> members) =>
        Object(members.OrderBy(member => member.Name, GoOrder.Instance));

    private static byte[] Object(IEnumerable<(string Name, byte[]? Json)> members) => Json(json => json.Object(members));

    private static byte[]? Text(string? value) => string.IsNullOrEmpty(value) ? null : Json(json => json.String(value));

    private static byte[] Json(Action<GoJsonWriter> write) => GoJsonWriter.Value(write);
}
