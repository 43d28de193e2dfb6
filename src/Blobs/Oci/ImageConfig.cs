using Blobs.Errors;
using Blobs.Hashing;
using Blobs.Json;

namespace Blobs.Oci;

/// <summary>
/// An image's config as it came (OCI image-spec config.md): its bytes are the image's id and are kept, never written anew. What is read
/// from them is a view.
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

    /// <summary>What it runs on.</summary>
    public Platform Platform { get; }

    /// <summary>When it was made, RFC 3339 as the document has it; null when it does not say.</summary>
    public string? Created { get; }

    /// <summary>Who made it.</summary>
    public string? Author { get; }

    /// <summary>A remark.</summary>
    public string? Comment { get; }

    /// <summary>The container it was committed from.</summary>
    public string? Container { get; }

    /// <summary>The engine that made it.</summary>
    public string? DockerVersion { get; }

    /// <summary>How its containers run.</summary>
    public RunConfig Config { get; }

    /// <summary>How the container ran that the image was made in; empty when the document does not say.</summary>
    public RunConfig ContainerConfig { get; }

    /// <summary>Its layers, base first.</summary>
    public IReadOnlyList<DiffId> DiffIds { get; }

    /// <summary>How it was made, oldest step first; may be empty.</summary>
    public IReadOnlyList<HistoryEntry> History { get; }

    /// <summary>Its topmost layer with all below; null for an image without layers.</summary>
    public ChainId? ChainId => ChainIds.Count > 0 ? ChainIds[^1] : null;

    /// <summary>The stack down to each layer, base first.</summary>
    public IReadOnlyList<ChainId> ChainIds => field ??= Hashing.ChainId.Chain(DiffIds);

    /// <summary>When it was made, to the last 100 nanoseconds; year 1 when the document does not say, as engines have it.</summary>
    public DateTimeOffset CreatedTime => GoTime.TryParse(Created, out DateTimeOffset time) ? time : DateTimeOffset.MinValue;

    /// <summary>Whether the document has a <c>config</c> at all.</summary>
    internal bool HasConfig { get; }

    /// <summary>Members that the engine does not know.</summary>
    internal UnknownMembers Unknown { get; }

    /// <summary>The same of <c>rootfs</c>.</summary>
    internal UnknownMembers UnknownOfRootFs { get; }

    /// <summary>What <c>rootfs</c> says that it is made of; the engine asks only on Windows.</summary>
    internal string? RootFsType { get; }

    /// <summary>Reads a config as the engine does: <c>rootfs</c> must be there, and history must not tell of more layers than it
    /// has.</summary>
    /// <param name="bytes">The document; stays referenced.</param>
    /// <param name="limits">What it may demand.</param>
    /// <exception cref="MalformedDataException">It is no image config.</exception>
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
        int told = json.History?.Count(step => !step.EmptyLayer) ?? 0;
        return told > diffIds.Count
            ? throw Refused($"history tells of {told} layers, rootfs has {diffIds.Count}")
            : new ImageConfig(bytes, json, diffIds);
    }

    private static MalformedDataException Refused(string why) => new(Fault.ConfigSyntax, 0, $"image config: {why}");
}
