using System.Collections.Immutable;
using System.IO.Pipelines;
using System.Text;
using Blobs.Distribution.Collection;
using Blobs.Distribution.Storage;
using Blobs.Distribution.Verification;
using Blobs.Files;
using Blobs.Hashing;
using Blobs.Oci;
using Blobs.Tests.Testing;
using Blobs.Verification;
using CsCheck;

namespace Blobs.Tests.Distribution.Storage;

/// <summary>
/// Runs random steps on a registry's store, and compares the result with dictionaries after every step. The storage
/// fails now and then. After a failure, the store is as before the step or as after it, and the same step succeeds when
/// it is repeated.
/// </summary>
public sealed class RegistryModelTests
{
    private static readonly string[] Repositories = ["a", "b/c"];
    private static readonly string[] Tags = ["1", "latest"];
    private static readonly byte[][] Contents = [.. Enumerable.Range(0, 4).Select(number => Encoding.ASCII.GetBytes(new string((char)('a' + number), 1 + (number * 1000))))];

    private static readonly Gen<Step> Steps =
        from what in Pick.From("blob", "blob", "begin", "append", "append", "commit", "wrong", "cancel", "manifest", "manifest", "manifest",
            "delete", "untag", "forget", "mount", "collect")
        from repository in Pick.From(Repositories)
        from tag in Gen.OneOf(Pick.From(Tags).Select(tag => (string?)tag), Gen.Const((string?)null))
        from number in Gen.Int[0, 11]
        from fault in Gen.Int[-6, 5]
        select new Step(what, repository, tag, number, fault);

    [Fact]
    public async Task A_store_is_what_its_history_makes_it() => await Cases.AllAsync(Steps.Array[5, 60], 60, RunAsync);

    private static async Task RunAsync(Step[] steps)
    {
        using var folder = new TemporaryFolder(inMemory: true);
        var storage = new FaultyStorage(new FileSystemStorage(folder["store"], new FileSystemStorageOptions { Durability = Durability.None }));
        var store = new RegistryStore(storage);
        Model model = Model.Empty;
        foreach (Step step in steps)
        {
            string[] before = model.Answers();
            Model after = model.After(step);
            storage.CallsLeft = step.Fault;
            try
            {
                after = await TakeAsync(step, model, after, store, storage);
            }
            catch (IOException)
            {
                string[] between = await AnswersAsync(store, model);
                string[] wanted = after.Answers();
                Assert.All(between.Index(), answer => Assert.True(
                    answer.Item == before[answer.Index] || answer.Item == wanted[answer.Index], $"{step}: {answer.Item}"));
                storage.CallsLeft = -1;
                after = await TakeAsync(step, model, after, store, storage);
            }

            storage.CallsLeft = -1;
            model = after;
            string[] found = await AnswersAsync(store, model);
            Assert.True(model.Answers().SequenceEqual(found), $"{step}: {string.Join("; ", found.Except(model.Answers()))}");
        }

        if (!Directory.Exists(folder["store"]))
        {
            return;
        }

        VerifyReport report = await StoreVerifier.RunAsync(folder["store"]);
        Assert.True(report.Findings.Count == 0, string.Join('\n', report.Findings));
    }

    private static async Task<Model> TakeAsync(Step step, Model model, Model after, RegistryStore store, FaultyStorage storage)
    {
        (string repository, byte[] content) = (step.Repository, step.Content);
        switch (step.What)
        {
            case "blob":
                await using (RegistryUpload upload = await store.BeginUploadAsync(repository))
                {
                    await upload.AppendAsync(PipeReader.Create(new MemoryStream(content)));
                    await upload.CommitAsync(Digest.OfSha256(content));
                }

                break;
            case "begin":
                await using (RegistryUpload upload = await store.BeginUploadAsync(repository))
                {
                    return after with { Uploads = after.Uploads.SetItem(repository, (upload.Id, [])) };
                }

            case "append" when model.Uploads.TryGetValue(repository, out (string Id, ImmutableArray<byte> Bytes) known):
                await using (RegistryUpload upload = (await store.OpenUploadAsync(repository, known.Id))!)
                {
                    Assert.Equal(known.Bytes.Length, upload.Length);
                    await upload.AppendAsync(PipeReader.Create(new MemoryStream(content)), new UploadRange(known.Bytes.Length, known.Bytes.Length + content.Length - 1));
                }

                break;
            case "commit" or "wrong" when model.Uploads.TryGetValue(repository, out (string Id, ImmutableArray<byte> Bytes) known):
                await CommitAsync(step, known, store);
                break;
            case "cancel" when model.Uploads.TryGetValue(repository, out (string Id, ImmutableArray<byte> Bytes) known):
                if (await store.OpenUploadAsync(repository, known.Id) is { } ended)
                {
                    await using (ended)
                    {
                        await ended.DeleteAsync();
                    }
                }

                break;
            case "manifest" when model.Blobs.IsSupersetOf(step.References.Select(digest => (repository, digest))):
                await store.PutManifestAsync(repository, step.Tag, null, step.Manifest, MediaTypes.OciManifest);
                break;
            case "manifest":
                await Assert.ThrowsAsync<MissingReferencesException>(
                    async () => await store.PutManifestAsync(repository, step.Tag, null, step.Manifest, MediaTypes.OciManifest));
                break;
            case "delete":
                await store.DeleteManifestAsync(repository, Digest.OfSha256(step.Manifest));
                break;
            case "untag" when step.Tag is not null:
                await store.DeleteTagAsync(repository, step.Tag);
                break;
            case "forget":
                await store.DeleteBlobAsync(repository, Digest.OfSha256(content));
                break;
            case "mount":
                await store.MountBlobAsync(repository, Digest.OfSha256(content), Repositories.First(other => other != repository));
                break;
            case "collect":
                await new RegistryCollector(storage).RunAsync(new CollectionOptions { MinimumAge = TimeSpan.Zero });
                break;
        }

        return after;
    }

    private static async Task CommitAsync(Step step, (string Id, ImmutableArray<byte> Bytes) known, RegistryStore store)
    {
        byte[] bytes = [.. known.Bytes];
        Digest digest = step.What == "wrong" ? Digest.OfSha256([.. bytes, 1]) : Digest.OfSha256(bytes);
        await using RegistryUpload? upload = await store.OpenUploadAsync(step.Repository, known.Id);
        if (step.What == "wrong")
        {
            try
            {
                await (upload?.CommitAsync(digest) ?? ValueTask.CompletedTask);
                Assert.Null(upload);
            }
            catch (DigestMismatchException)
            {
                // Expected.
            }
        }
        else if (upload is not null)
        {
            await upload.CommitAsync(digest);
        }
        else
        {
            // The upload was complete when the link failed. A client that gets this error pushes the blob again.
            await using RegistryUpload again = await store.BeginUploadAsync(step.Repository);
            await again.AppendAsync(PipeReader.Create(new MemoryStream(bytes)));
            await again.CommitAsync(digest);
        }
    }

    private static async Task<string[]> AnswersAsync(RegistryStore store, Model model)
    {
        var answers = new List<string>();
        foreach (string repository in Repositories)
        {
            foreach (Digest digest in Model.AllBlobs)
            {
                answers.Add($"{repository} {digest} {await store.FindBlobAsync(repository, digest) is not null}");
            }

            foreach (Digest digest in Model.AllManifests)
            {
                answers.Add($"{repository} {digest} {await store.FindManifestAsync(repository, digest) is not null}");
            }

            foreach (string tag in Tags)
            {
                answers.Add($"{repository}:{tag} {(await store.FindManifestAsync(repository, tag))?.Digest}");
            }
        }

        return [.. answers];
    }

    private sealed record Step(string What, string Repository, string? Tag, int Number, int Fault)
    {
        public byte[] Content => Contents[Number % Contents.Length];

        // The bits of the number select the contents.
        public Digest[] References => ReferencesOf(Number);

        public byte[] Manifest => ManifestOf(Number);

        public static Digest[] ReferencesOf(int number) =>
            [.. Contents.Where((_, bit) => bit == 0 || (number >> (bit - 1) & 1) == 1).Select(content => Digest.OfSha256(content))];

        public static byte[] ManifestOf(int number)
        {
            string[] descriptors = [.. ReferencesOf(number).Select(digest =>
                $$"""{"mediaType":"x/y","digest":"{{digest}}","size":{{Contents.First(content => Digest.OfSha256(content) == digest).Length}}}""")];
            return Encoding.ASCII.GetBytes(
                $$"""{"schemaVersion":2,"mediaType":"{{MediaTypes.OciManifest}}","config":{{descriptors[0]}},"layers":[{{string.Join(',', descriptors[1..])}}]}""");
        }
    }

    private sealed record Model
    {
        public static readonly Digest[] AllBlobs = [.. Contents.Select(content => Digest.OfSha256(content))];
        public static readonly Digest[] AllManifests = [.. Enumerable.Range(0, 8).Select(number => Digest.OfSha256(Step.ManifestOf(number)))];

        public static Model Empty { get; } = new();

        public ImmutableHashSet<(string Repository, Digest Digest)> Blobs { get; init; } = [];

        public ImmutableDictionary<(string Repository, Digest Digest), Digest[]> Manifests { get; init; } =
            ImmutableDictionary<(string Repository, Digest Digest), Digest[]>.Empty;

        public ImmutableDictionary<(string Repository, string Tag), Digest> Names { get; init; } =
            ImmutableDictionary<(string Repository, string Tag), Digest>.Empty;

        public ImmutableDictionary<string, (string Id, ImmutableArray<byte> Bytes)> Uploads { get; init; } =
            ImmutableDictionary<string, (string Id, ImmutableArray<byte> Bytes)>.Empty;

        public Model After(Step step)
        {
            string repository = step.Repository;
            Digest content = Digest.OfSha256(step.Content);
            Digest manifest = Digest.OfSha256(step.Manifest);
            bool isUploading = Uploads.TryGetValue(repository, out (string Id, ImmutableArray<byte> Bytes) upload);
            return step.What switch
            {
                "blob" => With(repository, content),
                "append" when isUploading => this with { Uploads = Uploads.SetItem(repository, (upload.Id, [.. upload.Bytes, .. step.Content])) },
                "commit" when isUploading => With(repository, Digest.OfSha256(upload.Bytes.AsSpan())) with { Uploads = Uploads.Remove(repository) },
                "wrong" or "cancel" => this with { Uploads = Uploads.Remove(repository) },
                "manifest" when Blobs.IsSupersetOf(step.References.Select(digest => (repository, digest))) => this with
                {
                    Manifests = Manifests.SetItem((repository, manifest), step.References),
                    Names = step.Tag is null ? Names : Names.SetItem((repository, step.Tag), manifest),
                },
                "delete" when Manifests.ContainsKey((repository, manifest)) => this with
                {
                    Manifests = Manifests.Remove((repository, manifest)),
                    Names = Names.RemoveRange(Names.Where(name => name.Key.Repository == repository && name.Value == manifest).Select(name => name.Key)),
                },
                "untag" when step.Tag is not null => this with { Names = Names.Remove((repository, step.Tag)) },
                "forget" => this with { Blobs = Blobs.Remove((repository, content)) },
                "mount" when Blobs.Any(blob => blob.Repository != repository && blob.Digest == content) => With(repository, content),
                "collect" => this with
                {
                    Blobs = [.. Blobs.Where(blob => Manifests.Any(known => known.Key.Repository == blob.Repository && known.Value.Contains(blob.Digest)))],
                },
                _ => this,
            };
        }

        public string[] Answers() =>
        [
            .. from repository in Repositories
               from answer in AllBlobs.Select(digest => $"{repository} {digest} {Blobs.Contains((repository, digest))}")
                   .Concat(AllManifests.Select(digest => $"{repository} {digest} {Manifests.ContainsKey((repository, digest))}"))
                   .Concat(Tags.Select(tag => $"{repository}:{tag} {(Names.TryGetValue((repository, tag), out Digest named) ? $"{named}" : "")}"))
               select answer,
        ];

        private Model With(string repository, Digest digest) => this with { Blobs = Blobs.Add((repository, digest)) };
    }
}
