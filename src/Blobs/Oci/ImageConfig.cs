using Blobs.Errors;
using Blobs.Errors.Internal;
using Blobs.Hashing;
using Blobs.Json;
using Blobs.Json.Internal;

namespace Blobs.Oci;

/// <summary>
/// An image's config (OCI image-spec config.md). The document's digest is the image's id, so its bytes are kept and
/// never rewritten; the properties are a view of them.
/// </summary>
public sealed class ImageConfig
{
    private ImageConfig(ReadOnlyMemory<byte> bytes, ImageConfigJson json, IReadOnlyList<DiffId> diffIds)
    {
        Bytes = bytes;
        Id = Digest.OfSha256(bytes.Span);
        DiffIds = diffIds;
        History = json.History ?? [];
        HasConfig = json.Config is not null;
        Config = json.Config ?? new RunConfig();
        ContainerConfig = json.ContainerConfig ?? new RunConfig();
        Unknown = json.Unknown;
        RootFsType = json.RootFs!.Type;
        UnknownOfRootFs = json.RootFs.Unknown;
        Platform = json.Platform;
        Created = json.Created;
        Author = json.Author;
        Comment = json.Comment;
        Container = json.Container;
        DockerVersion = json.DockerVersion;
    }

    /// <summary>The document.</summary>
    public ReadOnlyMemory<byte> Bytes { get; }

    /// <summary>SHA-256 of the document: the image's id.</summary>
    public Digest Id { get; }

    /// <summary>The platform that it is for.</summary>
    public Platform Platform { get; }

    /// <summary>When it was made, in RFC 3339 as in the document; null when it is missing.</summary>
    public string? Created { get; }

    /// <summary>Its author.</summary>
    public string? Author { get; }

    /// <summary>A comment.</summary>
    public string? Comment { get; }

    /// <summary>The container it was committed from.</summary>
    public string? Container { get; }

    /// <summary>The docker version that made it.</summary>
    public string? DockerVersion { get; }

    /// <summary>How its containers run.</summary>
    public RunConfig Config { get; }

    /// <summary>How the container ran from which the image was made; empty when it is missing.</summary>
    public RunConfig ContainerConfig { get; }

    /// <summary>The DiffIDs of its layers, base first.</summary>
    public IReadOnlyList<DiffId> DiffIds { get; }

    /// <summary>The steps of its build, oldest first; may be empty.</summary>
    public IReadOnlyList<HistoryEntry> History { get; }

    /// <summary>ChainID of its top layer; null for an image without layers.</summary>
    public ChainId? ChainId => ChainIds.Count > 0 ? ChainIds[^1] : null;

    /// <summary>ChainID of each layer, base first.</summary>
    public IReadOnlyList<ChainId> ChainIds => field ??= Hashing.ChainId.Chain(DiffIds);

    /// <summary><see cref="Created"/> in units of 100 nanoseconds; year 1 when it is missing, as in dockerd.</summary>
    public DateTimeOffset CreatedTime => GoTime.TryParse(Created, out DateTimeOffset time) ? time : DateTimeOffset.MinValue;

    /// <summary>Whether the document has a <c>config</c>.</summary>
    public bool HasConfig { get; }

    /// <summary>Members that dockerd does not know.</summary>
    public UnknownMembers Unknown { get; }

    /// <summary>Members of <c>rootfs</c> that dockerd does not know.</summary>
    public UnknownMembers UnknownOfRootFs { get; }

    /// <summary>Type of <c>rootfs</c>; dockerd checks it only on Windows.</summary>
    internal string? RootFsType { get; }

    /// <summary>Reads a config as dockerd does: it must have a <c>rootfs</c>, and its history must not have more layers
    /// than that.</summary>
    /// <param name="bytes">The document; must not change afterwards.</param>
    /// <param name="limits">Limits on the document.</param>
    /// <exception cref="MalformedDataException">It is not an image config.</exception>
    /// <exception cref="LimitExceededException">It is longer than <see cref="Limits.ConfigBytes"/>.</exception>
    public static ImageConfig Parse(ReadOnlyMemory<byte> bytes, Limits? limits = null)
    {
        limits ??= Limits.Default;
        if (bytes.Length > limits.ConfigBytes)
        {
            Throw.LimitExceeded(nameof(Limits.ConfigBytes), limits.ConfigBytes, "the image config");
        }

        ImageConfigJson json = ImageConfigJson.Read(bytes);
        if (json.RootFs is not { } rootFs)
        {
            throw Refused("there is no rootfs");
        }

        IReadOnlyList<DiffId> diffIds = rootFs.DiffIds ?? [];
        int counted = json.History?.Count(step => !step.EmptyLayer) ?? 0;
        return counted > diffIds.Count
            ? throw Refused($"history has {counted} layers, rootfs has {diffIds.Count}")
            : new ImageConfig(bytes, json, diffIds);
    }

    private static MalformedDataException Refused(string why) => new(Fault.ConfigSyntax, 0, $"image config: {why}");
}
