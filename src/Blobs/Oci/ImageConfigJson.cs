using Blobs.Errors;
using Blobs.Hashing;
using Blobs.Json;
using Blobs.Json.Internal;
using Blobs.Oci.Internal;

namespace Blobs.Oci;

/// <summary>The members of an image's config, read as Go does and not validated yet.</summary>
internal sealed record ImageConfigJson
{
    private static readonly string[] Names =
    [
        "id", "parent", "comment", "created", "container", "container_config", "docker_version", "author", "config", "architecture",
        "variant", "os", "Size", "rootfs", "history", "os.version", "os.features",
    ];

    public Platform Platform { get; init; } = new();

    public string? Created { get; init; }

    public string? Author { get; init; }

    public string? Comment { get; init; }

    public string? Container { get; init; }

    public string? DockerVersion { get; init; }

    public RunConfig? ContainerConfig { get; init; }

    public RunConfig? Config { get; init; }

    public RootFsJson? RootFs { get; init; }

    public IReadOnlyList<HistoryEntry>? History { get; init; }

    public UnknownMembers Unknown { get; init; } = UnknownMembers.None;

    /// <summary>Reads a config.</summary>
    /// <exception cref="MalformedDataException">It is not JSON, or a member has another type.</exception>
    public static ImageConfigJson Read(ReadOnlyMemory<byte> bytes)
    {
        using GoDocument document = GoDocument.Parse(bytes, "image config", Fault.ConfigSyntax);
        GoObject json = document.Root.Object();

        // Unused, but dockerd rejects an image in which they have another type.
        _ = json["id"].Text();
        _ = json["parent"].Text();
        _ = json["Size"].Number();
        return new ImageConfigJson
        {
            Platform = new Platform
            {
                Architecture = json["architecture"].Text() ?? "",
                Os = json["os"].Text() ?? "",
                Variant = json["variant"].TextIfAny(),
                OsVersion = json["os.version"].TextIfAny(),
                OsFeatures = json["os.features"].Texts(),
            },
            Created = json["created"].Time(),
            Author = json["author"].Text(),
            Comment = json["comment"].Text(),
            Container = json["container"].Text(),
            DockerVersion = json["docker_version"].Text(),
            ContainerConfig = RunConfigJson.Read(json["container_config"].Object()),
            Config = json["config"].ObjectIfAny() is { } config ? RunConfigJson.Read(config) : null,
            RootFs = json["rootfs"].ObjectIfAny() is { } rootFs ? Read(rootFs) : null,
            History = json["history"].List(step => Step(step.Object())),
            Unknown = json.Unknown(Names),
        };
    }

    private static RootFsJson Read(GoObject json) => new()
    {
        Type = json["type"].Text(),
        DiffIds = json["diff_ids"].List(id => id.Parsed<DiffId>("a DiffID: sha256: and 64 lower-case hex digits")),
        Unknown = json.Unknown(["type", "diff_ids"]),
    };

    private static HistoryEntry Step(GoObject json) => new()
    {
        Created = json["created"].Time(),
        Author = json["author"].Text(),
        CreatedBy = json["created_by"].Text(),
        Comment = json["comment"].Text(),
        EmptyLayer = json["empty_layer"].Flag(),
        Unknown = json.Unknown(["created", "author", "created_by", "comment", "empty_layer"]),
    };

    internal sealed record RootFsJson
    {
        public string? Type { get; init; }

        public IReadOnlyList<DiffId>? DiffIds { get; init; }

        public UnknownMembers Unknown { get; init; } = UnknownMembers.None;
    }
}
