using System.IO.Pipelines;
using System.Text;
using Blobs.Distribution.Storage;
using Blobs.Files;
using Blobs.Hashing;
using Blobs.Oci;
using Blobs.Registry.Tests.Testing;
using Blobs.Tests.Testing;

namespace Blobs.Tests.Distribution.Collection;

/// <content>A client of the hosts.</content>
public abstract partial class CollectionRandomTests
{
    private sealed class Client(World world, int number)
    {
        private static readonly byte[][] Contents =
            [.. Enumerable.Range(0, 12).Select(letter => Encoding.ASCII.GetBytes(new string((char)('a' + letter), 1 + (letter * 100))))];

        private readonly Random _random = new(world.Seed + number);

        // The images that this client has pushed, and not deleted since.
        private readonly Dictionary<(string Repository, string Tag), Digest> _acknowledged = [];

        public async Task RunAsync(int steps)
        {
            for (int step = 0; step < steps; step++)
            {
                string repository = World.Repositories[_random.Next(World.Repositories.Length)];
                string tag = $"t{number}-{_random.Next(2)}";
                RegistryStore host = await world.HostAsync(_random);
                try
                {
                    await StepAsync(host, repository, tag);
                }
                catch (Exception fault) when (fault is KilledException or StorageUnavailableException or MissingReferencesException
                    or UploadBusyException)
                {
                    world.Count(isPushed: false);
                }
            }
        }

        /// <summary>Requires that every acknowledged image is whole.</summary>
        public async Task CheckAsync()
        {
            foreach (((string repository, string tag), Digest digest) in _acknowledged)
            {
                await PullAsync(repository, tag, digest);
            }
        }

        private async Task StepAsync(RegistryStore host, string repository, string tag)
        {
            switch (_random.Next(12))
            {
                case 0 or 1:
                    await ForgetAsync(repository, tag);
                    await host.DeleteTagAsync(repository, tag);
                    break;
                case 2 or 3 or 4 when _acknowledged.TryGetValue((repository, tag), out Digest digest):
                    // Another tag of this client may name the same manifest.
                    foreach ((string Repository, string Tag) key in _acknowledged.Keys.Where(key => key.Repository == repository).ToArray())
                    {
                        await ForgetAsync(repository, key.Tag);
                    }

                    await host.DeleteManifestAsync(repository, digest);
                    break;
                case 5 or 6 when _acknowledged.TryGetValue((repository, tag), out Digest digest):
                    await PullAsync(repository, tag, digest);
                    break;
                default:
                    await PushAsync(repository, tag);
                    break;
            }
        }

        // An image is whole until the last moment: what was lost before would be seen.
        private async Task ForgetAsync(string repository, string tag)
        {
            if (_acknowledged.Remove((repository, tag), out Digest digest))
            {
                await PullAsync(repository, tag, digest);
            }
        }

        // Through the host that does not die.
        private async Task PullAsync(string repository, string tag, Digest digest)
        {
            RegistryStore host = world.Reader;
            StoredManifest? manifest = await host.FindManifestAsync(repository, tag);
            Assert.True(manifest?.Digest == digest, $"{repository}:{tag} is {manifest?.Digest}, pushed as {digest}");
            await PullAsync(host, repository, manifest!);
        }

        private static async Task PullAsync(RegistryStore host, string repository, StoredManifest manifest)
        {
            Manifest document = Manifest.Parse(manifest.Bytes, null, Errors.Limits.Default);
            foreach (Descriptor part in document.References)
            {
                if (document is ImageIndex)
                {
                    StoredManifest? child = await host.FindManifestAsync(repository, part.Digest);
                    Assert.True(child is not null, $"{repository}@{manifest.Digest} lacks the manifest {part.Digest}");
                    await PullAsync(host, repository, child);
                    continue;
                }

                await using IStoredContent? content = await host.OpenBlobAsync(repository, part.Digest);
                Assert.True(content is not null, $"{repository}@{manifest.Digest} lacks the blob {part.Digest}");
                var bytes = new byte[content.Length];
                await content.ReadAsync(bytes, 0);
                Assert.Equal(part.Digest, Digest.OfSha256(bytes));
            }
        }

        private async Task PushAsync(string repository, string tag)
        {
            byte[][] layers = [.. Enumerable.Range(0, 1 + _random.Next(2)).Select(_ => Contents[_random.Next(Contents.Length)])];
            byte[] image = Image(layers);
            byte[]? index = _random.Next(3) == 0 ? Index(image) : null;

            // What the tag names is not known while it is pushed.
            await ForgetAsync(repository, tag);
            foreach (byte[] layer in layers)
            {
                await PushBlobAsync(repository, layer);
            }

            RegistryStore host = await world.HostAsync(_random);
            StoredManifest pushed = await host.PutManifestAsync(repository, index is null ? tag : null, null, image, MediaTypes.OciManifest);
            if (index is not null)
            {
                host = await world.HostAsync(_random);
                pushed = await host.PutManifestAsync(repository, tag, null, index, MediaTypes.OciIndex);
            }

            _acknowledged[(repository, tag)] = pushed.Digest;
            world.Count(isPushed: true);
        }

        private async Task PushBlobAsync(string repository, byte[] content)
        {
            Digest digest = Digest.OfSha256(content);
            RegistryStore host = await world.HostAsync(_random);
            if (await host.FindBlobAsync(repository, digest) == content.Length)
            {
                return;
            }

            if (_random.Next(2) == 0
                && await host.MountBlobAsync(repository, digest, World.Repositories.First(other => other != repository)))
            {
                return;
            }

            await using RegistryUpload upload = await host.BeginUploadAsync(repository);
            await upload.AppendAsync(PipeReader.Create(new MemoryStream(content)));
            await upload.CommitAsync(digest);
        }

        // Other clients' images share the layers, but not the manifest: only its own client deletes it.
        private byte[] Image(byte[][] layers)
        {
            string[] descriptors = [.. layers.Select(layer =>
                $$"""{"mediaType":"x/y","digest":"{{Digest.OfSha256(layer)}}","size":{{layer.Length}}}""")];
            return Encoding.ASCII.GetBytes(
                $$"""
                {"schemaVersion":2,"mediaType":"{{MediaTypes.OciManifest}}","config":{{descriptors[0]}},
                "layers":[{{string.Join(',', descriptors[1..])}}],"annotations":{"client":"{{number}}"} }
                """);
        }

        private static byte[] Index(byte[] image) => Encoding.ASCII.GetBytes(
            $$"""
            {"schemaVersion":2,"mediaType":"{{MediaTypes.OciIndex}}",
            "manifests":[{"mediaType":"{{MediaTypes.OciManifest}}","digest":"{{Digest.OfSha256(image)}}","size":{{image.Length}} }]}
            """);
    }
}

/// <summary>Random steps on a directory.</summary>
public sealed class DirectoryCollectionRandomTests : CollectionRandomTests, IDisposable
{
    private readonly TemporaryFolder _folder = new(inMemory: true);

    public void Dispose() => _folder.Dispose();

    internal override Func<IRegistryStorage> NewStore(int number) => () =>
        new FileSystemStorage(_folder[$"store-{number}"], new FileSystemStorageOptions { Durability = Durability.None });
}

/// <summary>Random steps on a storage in memory that has no locks, like a bucket: collectors are suspended for longer than
/// their lease, and wake up beside those that have taken over.</summary>
public sealed class MemoryCollectionRandomTests : CollectionRandomTests
{
    private protected override TimeSpan Lease => TimeSpan.FromMilliseconds(100);

    private protected override TimeSpan LeaseMargin => TimeSpan.FromMilliseconds(20);

    private protected override TimeSpan LongestSuspension => TimeSpan.FromMilliseconds(300);

    internal override Func<IRegistryStorage> NewStore(int number)
    {
        var storage = new MemoryStorage(isLocked: false);
        return () => storage;
    }
}
