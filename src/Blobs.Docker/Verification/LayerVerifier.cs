using System.Globalization;
using System.Runtime.Versioning;
using Blobs.Docker.Layers;
using Blobs.Errors;
using Blobs.Files.Internal;
using Blobs.Hashing;
using Blobs.Hashing.Internal;
using Blobs.Tar;
using Blobs.TarSplit;
using Blobs.Trees;
using Blobs.Trees.Internal;
using Blobs.Verification.Internal;

namespace Blobs.Docker.Verification;

/// <summary>
/// Verifies one layer, in two independent halves. First: recording and tree must give the tar of its DiffID, and its
/// ChainID must follow from that and its parent. Second: the tree's metadata must match the headers in the recording.
/// </summary>
[SupportedOSPlatform("linux")]
internal sealed class LayerVerifier(VerifyRun run, LayerStore store, Layer layer)
{
    private const int BufferBytes = 256 << 10;

    // A source of zeros, for content that is not checked.
    private static readonly byte[] Unread = new byte[BufferBytes];

    private readonly string _metadata = store.Context.Paths.Layer(layer.ChainId);
    private readonly string _tree = store.Context.Driver.TreeOf(layer.CacheId);

    /// <summary>The first half; true when tar, DiffID and ChainID are right.</summary>
    public bool IsTarRight()
    {
        if (!FilePath.IsDirectory(_tree))
        {
            run.Find(RootPaths.CacheIdFile(_metadata), $"names {layer.CacheId}, but {_tree} does not exist");
            return false;
        }

        return Replay() is { } found && AreIdsRight(found);
    }

    /// <summary>The second half; true when the tree and its size are right. A fault of the recording is reported by the
    /// first half.</summary>
    public bool IsTreeRight()
    {
        if (!FilePath.IsDirectory(_tree) || Expected() is not { } expected)
        {
            return false;
        }

        run.CountFiles(expected.Count);
        bool isOverlay = store.Context.Driver.Whiteouts == WhiteoutFormat.Overlay;
        if (!isOverlay && (IsReadWrite(layer) || (layer.Parent is { } id && store.TryGet(id) is { } lowerLayer && IsReadWrite(lowerLayer))))
        {
            run.LeaveUnread(_tree, "is a build step's tree, or on top of one: only its tar was verified");
            return true;
        }

        string? lower = !isOverlay && layer.Parent is { } parent && store.TryGet(parent) is { } below
            ? store.Context.Driver.TreeOf(below.CacheId)
            : null;
        lower = lower is not null && FilePath.IsDirectory(lower) ? lower : null;
        using var checker = new TreeChecker(run, expected, _tree, isOverlay, lower, store.Context.Owners)
        {
            // BuildKit made the tar from these files, and a tar has whole seconds only.
            HasFinerTimes = CacheId.IsBuildKits(layer.CacheId),
        };
        bool isTreeRight = checker.Check();
        bool isSizeKnown = checker.IsWhole || !isOverlay;
        return isTreeRight & (!isSizeKnown || IsSizeRight(isOverlay ? checker.FileBytes : expected.HeaderBytes));
    }

    // For the driver overlay: BuildKit's trees are not whole trees, as those of images are.
    private bool IsReadWrite(Layer one) => FilePath.IsFile(RootPaths.LowerIdFile(store.Context.Paths.DriverLayer(one.CacheId)));

    // The tree expected by the headers; null when the recording cannot be read.
    private ExpectedTree? Expected()
    {
        try
        {
            var expected = new ExpectedTree(run.Limits);
            using TarSplitReader recording = OpenRecording();
            using var reader = new TarReader(expected, run.Limits);
            while (recording.Read())
            {
                run.CancellationToken.ThrowIfCancellationRequested();
                if (recording.Kind == TarSplitEntryKind.Segment)
                {
                    reader.Push(recording.Payload);
                }

                for (long left = recording.Kind == TarSplitEntryKind.File ? recording.Size : 0; left > 0; left -= Unread.Length)
                {
                    reader.Push(Unread.AsSpan(0, (int)Math.Min(left, Unread.Length)));
                }
            }

            reader.Complete();
            return expected;
        }
        catch (Exception fault) when (Errno.IsTrouble(fault) || fault is LimitExceededException)
        {
            run.Note(RootPaths.TarSplitFile(_metadata), fault);
            return null;
        }
        catch (Exception fault) when (fault is BlobsException or IOException)
        {
            return null;
        }
    }

    // The DiffID of the rebuilt tar; null when it cannot be rebuilt.
    private DiffId? Replay()
    {
        string recordingFile = RootPaths.TarSplitFile(_metadata);
        using var files = new TrackedFiles(new TreeFiles(_tree, run.Limits));
        try
        {
            CheckGzipHeader(recordingFile);
            using TarSplitReader recording = OpenRecording();
            using var hasher = new Sha256Hasher();
            var replayer = new TarReplayer(recording, files);
            byte[] buffer = GC.AllocateUninitializedArray<byte>(BufferBytes);
            for (int read = replayer.Read(buffer); read > 0; read = replayer.Read(buffer))
            {
                run.CancellationToken.ThrowIfCancellationRequested();
                hasher.Append(buffer.AsSpan(0, read));
                run.CountBytes(read);
            }

            return hasher.FinishDiffId();
        }
        catch (MalformedDataException fault) when (fault.Fault == Fault.TarSplitChecksum)
        {
            run.Find(Path.Combine(_tree, files.Latest), fault.Message, fault.Offset);
        }
        catch (Exception fault) when (fault is StoreException or SystemCallException)
        {
            run.Note(files.Latest.Length == 0 ? recordingFile : Path.Combine(_tree, files.Latest), fault);
        }
        catch (MalformedDataException fault)
        {
            run.Find(recordingFile, fault.Message, fault.Offset);
        }
        catch (Exception fault) when (fault is BlobsException or IOException or UnauthorizedAccessException)
        {
            run.Note(recordingFile, fault);
        }

        run.LeaveUnread(_tree, "not read after the layer's first fault");
        return null;
    }

    private TarSplitReader OpenRecording() =>
        TarSplitReader.OpenGzip(FileHandle.OpenRead(RootPaths.TarSplitFile(_metadata)), run.Limits);

    // The header is not covered by gzip's checksum. dockerd writes no time and an unknown operating system.
    private void CheckGzipHeader(string path)
    {
        const int HeaderBytes = 10;
        using FileStream file = FileHandle.OpenRead(path);
        byte[] header = new byte[HeaderBytes];
        file.ReadAtLeast(header, HeaderBytes, throwOnEndOfStream: false);
        bool isUsual = header.AsSpan(0, 9).SequenceEqual((ReadOnlySpan<byte>)[0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0])
            && header[9] is 0xff or 3;
        if (!isUsual)
        {
            run.Find(path, $"has the gzip header {Convert.ToHexStringLower(header)}, which neither dockerd nor blobs writes", 0);
        }
    }

    private bool AreIdsRight(DiffId found)
    {
        Layer? parent = layer.Parent is { } id ? store.TryGet(id) : null;
        if (layer.Parent is not null && parent is null)
        {
            run.Find(RootPaths.ParentFile(_metadata), $"names {layer.Parent}, which is not there");
            return false;
        }

        ChainId Chain(DiffId diffId) => parent is null ? ChainId.Of(diffId) : ChainId.Of(parent.ChainId, diffId);
        if (Chain(found) == layer.ChainId)
        {
            return Expect(RootPaths.DiffIdFile(_metadata), found == layer.DiffId, $"is {layer.DiffId}, expected {found}");
        }

        if (Chain(layer.DiffId) == layer.ChainId)
        {
            run.Find(RootPaths.TarSplitFile(_metadata), $"and the tree give a tar with DiffID {found}, expected {layer.DiffId}");
            return false;
        }

        string blamed = parent is null ? _metadata : RootPaths.ParentFile(_metadata);
        run.Find(blamed, $"gives ChainID {Chain(found)}, and the layer is called {layer.ChainId}");
        return false;
    }

    private bool IsSizeRight(long found) => Expect(
        RootPaths.SizeFile(_metadata),
        found == layer.Size,
        string.Create(CultureInfo.InvariantCulture, $"is {layer.Size}, expected {found}"));

    private bool Expect(string path, bool isRight, string problem)
    {
        if (!isRight)
        {
            run.Find(path, problem);
        }

        return isRight;
    }

    // Remembers the file being read, to name it in findings.
    private sealed class TrackedFiles(TreeFiles tree) : IFileSource, IDisposable
    {
        public string Latest { get; private set; } = "";

        public void Open(ReadOnlySpan<byte> name)
        {
            Latest = System.Text.Encoding.UTF8.GetString(name).TrimStart('/', '.');
            tree.Open(name);
        }

        public int Read(Span<byte> target) => tree.Read(target);

        public void Dispose() => tree.Dispose();
    }
}
