using System.Runtime.Versioning;
using System.Security.Cryptography;
using Blobs.Buffers.Internal;
using Blobs.Compression;
using Blobs.Errors;
using Blobs.Files;
using Blobs.Files.Internal;
using Blobs.Pipeline;
using Blobs.TarSplit;
using Blobs.Trees;
using Blobs.Trees.Internal;

namespace Blobs.ContainersStorage;

/// <summary>
/// A layer that is unpacked and verified, and that nobody sees. It needs no lock of the store until it is published;
/// disposed without that, it is gone.
/// </summary>
[SupportedOSPlatform("linux")]
internal sealed class StagedLayer : IDisposable
{
    private const string LinkLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    private const int LinkLength = 26;

    private readonly StorePaths _paths;
    private readonly StoreModes _modes;
    private readonly StagingDirectory _trees;
    private readonly StagingDirectory _recordings;
    private readonly string _layer;
    private readonly string _recordingFile;
    private readonly string _link = RandomNumberGenerator.GetString(LinkLetters, LinkLength);
    private AtomicFile? _recording;
    private bool _isDisposed;

    private StagedLayer(StorePaths paths, StoreModes modes)
    {
        _paths = paths;
        _modes = modes;
        _trees = StagingDirectory.Create(paths.StagedTrees);
        try
        {
            _recordings = StagingDirectory.Create(paths.StagedRecordings);
            _layer = Path.Combine(_trees.DirectoryPath, "layer");
            _recordingFile = Path.Combine(_recordings.DirectoryPath, "tar-split.gz");
        }
        catch
        {
            _trees.Dispose();
            throw;
        }
    }

    /// <summary>What the pass found.</summary>
    public LayerSummary Summary { get; private set; } = null!;

    /// <summary>The users that own its entries.</summary>
    public uint[] Users { get; private set; } = [];

    /// <summary>The groups that own its entries.</summary>
    public uint[] Groups { get; private set; } = [];

    /// <summary>Whether an image has taken it.</summary>
    public bool IsTaken { get; set; }

    /// <summary>Whether it is a layer of the store by now.</summary>
    public bool IsPublished { get; private set; }

    /// <summary>Opens the exact tar of a layer that is not published yet.</summary>
    public Stream OpenTar(Limits limits)
    {
        FileStream file = FileHandle.OpenRead(_recordingFile);
        TarSplitReader recording = TarSplitReader.OpenGzip(file, limits);
        string tree = Path.Combine(_layer, "diff");
        return new RecordedTarStream(new RecordedTar(Summary.DiffId, $"{Summary.DiffId}", recording, tree, limits, file));
    }

    /// <summary>Unpacks a layer in one pass, and verifies it.</summary>
    public static async Task<StagedLayer> ReadAsync(
        StorePaths paths,
        StoreModes modes,
        ContainersStoreOptions options,
        Stream source,
        LayerPipelineOptions pass,
        CancellationToken cancellationToken)
    {
        var staged = new StagedLayer(paths, modes);
        try
        {
            await staged.RunAsync(source, pass, options, cancellationToken).ConfigureAwait(false);
            return staged;
        }
        catch
        {
            staged.Dispose();
            throw;
        }
    }

    /// <summary>Makes the directory of the layer and its recording visible. The store's locks are held, and the layer's
    /// record says that it is incomplete.</summary>
    /// <param name="id">The layer's id.</param>
    /// <param name="parent">Id of the layer below; null for a base layer.</param>
    public void Publish(string id, string? parent)
    {
        string tree = Path.Combine(_layer, "diff");
        if (parent is null)
        {
            DurableDirectory.Make(Path.Combine(_layer, "empty"), _modes.Directory);
            File.SetUnixFileMode(tree, StoreModes.BaseTree);
        }
        else
        {
            CopyStatus(_paths.Tree(parent), tree);
            SmallFile.Create(Path.Combine(_layer, "lower"), LayerLinks.Below(_paths, parent));
        }

        LayerFiles.Remove(_paths, id);
        if (!AtomicDirectory.TryPublish(_layer, _paths.Layer(id)))
        {
            throw Errno.Error("rename", Errno.Exists, _paths.Layer(id));
        }

        LayerLinks.Make(_paths, id, _link);
        _recording!.Commit(_paths.Recording(id), isDurable: false);
        IsPublished = true;
    }

    public void Dispose()
    {
        if (_isDisposed)
        {
            return;
        }

        _isDisposed = true;
        _recording?.Dispose();
        _trees.Dispose();
        _recordings.Dispose();
    }

    private async Task RunAsync(
        Stream source, LayerPipelineOptions pass, ContainersStoreOptions options, CancellationToken cancellationToken)
    {
        string tree = Path.Combine(_layer, "diff");
        var made = new MadeDirectories();
        made.Ensure(_layer, _modes.Directory);
        made.Ensure(tree, StoreModes.BaseTree);
        made.Ensure(Path.Combine(_layer, "work"), _modes.Directory);
        made.Ensure(Path.Combine(_layer, "merged"), _modes.Directory);
        SmallFile.Create(Path.Combine(_layer, "link"), _link);
        _recording = AtomicFile.CreateAt(_recordingFile, _recordingFile, _modes.File);
        using DirectoryHandle root = DirectoryHandle.Open(tree);
        using var writer = new TreeWriter(
            root, WhiteoutFormat.Overlay, options.Limits, syncsFiles: options.Durability == Durability.Full)
        {
            KeepsEqualOwners = true,
        };
        var owners = new OwnerCollector(writer);
        using var gzip = new BlockEncoder(new StreamSink(_recording.Stream), CompressionKind.Gzip, TarSplitRecorder.GzipLevel);
        Summary = await LayerPipeline.RunAsync(
            source,
            pass with { Entries = owners, TarSplit = gzip, Limits = options.Limits },
            cancellationToken).ConfigureAwait(false);
        writer.Finish();
        gzip.Complete();
        Users = [.. owners.Users];
        Groups = [.. owners.Groups];
    }

    // The top of a layer's tree never has its own metadata from the tar.
    private static void CopyStatus(string from, string to)
    {
        int errno = FileStatus.TryGet(from, out FileStatus status);
        if (errno != Errno.None)
        {
            throw Errno.Error("stat", errno, from);
        }

        using DirectoryHandle directory = DirectoryHandle.Open(to);
        Errno.ThrowIfSet("chown", directory.SetOwner(".\0"u8, status.User, status.Group), "diff"u8);
        Errno.ThrowIfSet("chmod", directory.SetMode(".\0"u8, status.Permissions), "diff"u8);
    }
}
