using System.Diagnostics;
using System.Globalization;
using System.Text;
using Blobs.BlobDirectories;
using Blobs.Distribution.Collection;
using Blobs.Distribution.Storage;
using Blobs.Hashing;
using Blobs.Oci;
using Blobs.Registry.Tests.Testing;

namespace Blobs.Tests.Distribution.Collection;

/// <summary>
/// Collects in a storage that makes up its lists, and so can be as large as one likes. BLOBS_COLLECT_BLOBS sets the number
/// of blobs: with 10000000 of them the collection must add less than 200 MB to the process of the tests; run it alone for
/// that.
/// </summary>
public sealed class CollectionScaleTests
{
    private const long BytesMax = 200_000_000;

    [Fact]
    public async Task Memory_does_not_grow_with_what_is_stored()
    {
        int count = int.TryParse(
            Environment.GetEnvironmentVariable("BLOBS_COLLECT_BLOBS"), NumberStyles.None, CultureInfo.InvariantCulture, out int number)
                ? number
                : 100_000;
        var storage = new GeneratedStorage(count);
        using var stop = new CancellationTokenSource();
        long peak = 0;
        GC.Collect();
        long before = Environment.WorkingSet;
        Task watch = Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
            {
                peak = Math.Max(peak, Environment.WorkingSet);
                await Task.Delay(20);
            }
        });
        var clock = Stopwatch.StartNew();
        CollectionReport report = await new RegistryCollector(storage).RunAsync();
        await stop.CancelAsync();
        await watch;
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{storage.Count} blobs, {report.Blobs} deleted, {storage.Deleted} deletions, {clock.Elapsed.TotalSeconds:f1} s, peak {peak / 1e6:f0} MB, {before / 1e6:f0} MB before");
        Assert.Equal(storage.GarbageBlobs, report.Blobs);
        Assert.Equal(storage.GarbageBlobs, report.Links);
        Assert.Equal(storage.Count - storage.GarbageBlobs, report.KeptBlobs);
        if (count >= 10_000_000)
        {
            Assert.True(peak - before < BytesMax, $"{peak - before} bytes");
        }
    }

    // Each repository has a thousand manifests of fifty layers, and as many layers that nothing needs. Layers are named by
    // numbers, spread over all digests; manifests by their real digests.
    private sealed class GeneratedStorage : IRegistryStorage, IRegistryBlobs, IRegistryReferences, IFencedDeletion
    {
        private const int LayersEach = 50;
        private const int ManifestsEach = 1000;
        private static readonly DateTimeOffset Old = DateTimeOffset.UnixEpoch;
        private static readonly BlobStat Stat = new(20, Old);

        private readonly int _repositories;
        private readonly int _layers;
        private readonly (CandidateKey Key, int Number)[] _manifests;
        private readonly ForgetfulRecords _records = new();
        private long _deleted;

        public GeneratedStorage(int count)
        {
            int perRepository = ManifestsEach * ((2 * LayersEach) + 1);
            _repositories = (count + perRepository - 1) / perRepository;
            _layers = _repositories * ManifestsEach * LayersEach * 2;
            _manifests = [.. Enumerable.Range(0, _repositories * ManifestsEach)
                .Select(number => (CandidateKey.Of(Digest.OfSha256(ManifestOf(number))), number)).Order()];
        }

        public int Count => _layers + _manifests.Length;

        public int GarbageBlobs => _layers / 2;

        public long Deleted => Interlocked.Read(ref _deleted);

        public IRegistryBlobs Blobs => this;

        public IRegistryUploads Uploads { get; } = new MemoryUploads(new MemoryBlobs());

        public IRegistryReferences References => this;

        public IRegistryRecords? Records => _records;

        public bool IsLocked => true;

        public ValueTask ProbeAsync(CancellationToken cancellationToken = default) => default;

        public ValueTask<IFencedDeletion> BeginDeletionAsync(CancellationToken cancellationToken = default) => new(this);

        public ValueTask DisposeAsync() => default;

        public ValueTask<IReadOnlyList<DeletionOutcome>> DeleteAsync(
            IReadOnlyList<RegistryReference> references, DateTimeOffset deadline, CancellationToken cancellationToken = default) =>
            Deleting(references.Count);

        public ValueTask<IReadOnlyList<DeletionOutcome>> DeleteAsync(
            IReadOnlyList<Digest> blobs, DateTimeOffset deadline, CancellationToken cancellationToken = default) => Deleting(blobs.Count);

        public ValueTask<RegistryListing<ListedBlob>> ListAsync(RegistryPage page, CancellationToken cancellationToken = default)
        {
            CandidateKey? after = page.After is { } name ? CandidateKey.Of(Digest.Parse(name)) : null;
            int layer = FirstAfter(_layers, after, LayerKey);
            int manifest = FirstAfter(_manifests.Length, after, number => _manifests[number].Key);
            var items = new List<ListedBlob>();
            while (items.Count < page.Count && layer + manifest < Count)
            {
                bool isLayer = manifest == _manifests.Length
                    || (layer < _layers && LayerKey(layer).CompareTo(_manifests[manifest].Key) < 0);
                CandidateKey key = isLayer ? LayerKey(layer++) : _manifests[manifest++].Key;
                items.Add(new ListedBlob(key.ToDigest(), Stat));
            }

            return new(new RegistryListing<ListedBlob>(items, layer + manifest < Count));
        }

        public ValueTask<RegistryListing<ListedReference>> ListAsync(
            string repository, ReferenceKind kind, RegistryPage page, CancellationToken cancellationToken = default)
        {
            int number = int.Parse(repository[1..], CultureInfo.InvariantCulture);
            CandidateKey? after = page.After is not { } name ? null
                : name.StartsWith("sha256:g", StringComparison.Ordinal) ? new CandidateKey(UInt128.MaxValue, UInt128.MaxValue)
                : CandidateKey.Of(Digest.Parse(name));
            var items = new List<ListedReference>();
            bool hasMore = false;
            if (kind == ReferenceKind.Blob)
            {
                int count = 2 * ManifestsEach * LayersEach;
                CandidateKey KeyOf(int place) => LayerKey((2 * (((place / 2) * _repositories) + number)) + (place % 2));
                int place = FirstAfter(count, after, KeyOf);
                for (; place < count && items.Count < page.Count; place++)
                {
                    items.Add(new ListedReference(RegistryReference.ToBlob(repository, KeyOf(place).ToDigest()), Old));
                }

                hasMore = place < count;
            }
            else if (kind == ReferenceKind.Manifest)
            {
                items.AddRange(_manifests
                    .Where(manifest => manifest.Number / ManifestsEach == number && !(manifest.Key.CompareTo(after ?? default) <= 0))
                    .Select(manifest => new ListedReference(RegistryReference.ToManifest(repository, manifest.Key.ToDigest()), Old)));
            }

            return new(new RegistryListing<ListedReference>(items, hasMore));
        }

        public ValueTask<RegistryListing<string>> ListRepositoriesAsync(
            ReferenceKind kind, RegistryPage page, CancellationToken cancellationToken = default) => new(page.Of(
                [.. Enumerable.Range(0, _repositories).Select(number => $"r{number}").Order(StringComparer.Ordinal)], name => name));

        public ValueTask<StoredReference?> ReadAsync(RegistryReference reference, CancellationToken cancellationToken = default) =>
            new(new StoredReference(reference.Digest, "1", Old));

        public ValueTask<BlobStat?> StatAsync(Digest digest, CancellationToken cancellationToken = default) => new(Stat);

        public ValueTask<IStoredContent?> OpenAsync(Digest digest, CancellationToken cancellationToken = default)
        {
            int place = FirstAfter(_manifests.Length, CandidateKey.Of(digest), number => _manifests[number].Key) - 1;
            return new(new MemoryContent(ManifestOf(_manifests[place].Number)));
        }

        public ValueTask<bool> HasRepositoryAsync(string repository, CancellationToken cancellationToken = default) => new(true);

        public ValueTask<ReadOnlyMemory<byte>?> ReadAsync(Digest digest, int bytesMax, CancellationToken cancellationToken = default) =>
            throw new NotSupportedException();

        public ValueTask WriteAsync(Digest digest, ReadOnlyMemory<byte> content, CancellationToken cancellationToken = default) =>
            throw new NotSupportedException();

        public ValueTask<bool> TouchAsync(Digest digest, CancellationToken cancellationToken = default) => throw new NotSupportedException();

        public ValueTask<bool> DeleteAsync(Digest digest, CancellationToken cancellationToken = default) => throw new NotSupportedException();

        public ValueTask<bool> TryCreateAsync(RegistryReference reference, Digest target, CancellationToken cancellationToken = default) =>
            throw new NotSupportedException();

        public ValueTask<bool> TryReplaceAsync(
            RegistryReference reference, Digest target, string version, CancellationToken cancellationToken = default) =>
            throw new NotSupportedException();

        public ValueTask WriteAsync(RegistryReference reference, Digest target, CancellationToken cancellationToken = default) =>
            throw new NotSupportedException();

        public ValueTask<bool> DeleteAsync(RegistryReference reference, CancellationToken cancellationToken = default) =>
            throw new NotSupportedException();

        private static int FirstAfter(int count, CandidateKey? after, Func<int, CandidateKey> keyOf)
        {
            int low = 0;
            int high = after is null ? 0 : count;
            while (low < high)
            {
                int middle = (low + high) / 2;
                (low, high) = keyOf(middle).CompareTo(after!.Value) <= 0 ? (middle + 1, high) : (low, middle);
            }

            return low;
        }

        private CandidateKey LayerKey(int layer) => new(((UInt128)layer << 96) / (UInt128)_layers << 32 | (UInt128)layer, 0);

        // Even layers are needed, odd ones are not; neighbours belong to the same repository.
        private byte[] ManifestOf(int number)
        {
            int repository = number / ManifestsEach;
            var text = new StringBuilder(6000);
            for (int part = 0; part < LayersEach; part++)
            {
                int needed = ((((number % ManifestsEach) * LayersEach) + part) * _repositories) + repository;
                text.Append(text.Length == 0 ? "" : ",").Append(CultureInfo.InvariantCulture,
                    $$"""{"mediaType":"x/y","digest":"{{LayerKey(2 * needed).ToDigest()}}","size":20}""");
            }

            return Encoding.ASCII.GetBytes(
                $$"""
                {"schemaVersion":2,"mediaType":"{{MediaTypes.OciManifest}}","layers":[{{text}}],
                "config":{"mediaType":"x/y","digest":"{{LayerKey(2 * repository).ToDigest()}}","size":20} }
                """);
        }

        private ValueTask<IReadOnlyList<DeletionOutcome>> Deleting(int count)
        {
            Interlocked.Add(ref _deleted, count);
            return new([.. Enumerable.Repeat(DeletionOutcome.Deleted, count)]);
        }
    }

    // Nobody reads the condemned list here, so it is not kept: this is about the memory of the collector.
    private sealed class ForgetfulRecords : IRegistryRecords
    {
        private readonly MemoryRecords _inner = new();

        public ValueTask<StoredRecord?> ReadAsync(string name, CancellationToken cancellationToken = default) =>
            _inner.ReadAsync(name, cancellationToken);

        public ValueTask<string?> TryCreateAsync(string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken = default) =>
            _inner.TryCreateAsync(name, name.Contains("/condemned/", StringComparison.Ordinal) ? default : content, cancellationToken);

        public ValueTask<string?> TryReplaceAsync(
            string name, ReadOnlyMemory<byte> content, string version, CancellationToken cancellationToken = default) =>
            _inner.TryReplaceAsync(name, content, version, cancellationToken);

        public ValueTask<bool> DeleteAsync(string name, CancellationToken cancellationToken = default) =>
            _inner.DeleteAsync(name, cancellationToken);

        public ValueTask<RegistryListing<string>> ListAsync(
            string folder, RegistryPage page, CancellationToken cancellationToken = default) =>
            _inner.ListAsync(folder, page, cancellationToken);
    }
}
