using System.Text;
using Blobs.BlobDirectories;
using Blobs.Distribution.Client;
using Blobs.Distribution.Images;
using Blobs.Docker;
using Blobs.Docker.Images;
using Blobs.Hashing;
using Blobs.Oci;
using Blobs.Transfer;

namespace Blobs.Tests.Transfer;

public sealed class BlobHistoryTests : IDisposable
{
    private static readonly DiffId Layer = DiffId.Parse($"sha256:{new string('1', 64)}");
    private static readonly RegistryCredentials Alice = new() { Username = "alice", Password = "s3cret" };
    private static readonly ImageReference Target = ImageReference.Parse("registry.example/team/app:1");

    private readonly string _root = Directory.CreateTempSubdirectory("blobs-").FullName;
    private readonly DockerRoot _engine;
    private readonly DistributionStore _store;

    public BlobHistoryTests()
    {
        _engine = DockerRoot.Open(_root);
        _store = _engine.Distribution;
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void Credentials_are_hashed_as_the_engine_writes_them()
    {
        Assert.Equal("{}", Encoding.UTF8.GetString(BlobHistory.ToJson(null)));
        Assert.Equal("""{"username":"alice","password":"s3cret"}""", Encoding.UTF8.GetString(BlobHistory.ToJson(Alice)));
        var digest = Digest.Parse($"sha256:{new string('a', 64)}");
        Assert.Equal(
            "31614e9d4ad4f937eff91d3330cc34688be503a11a84d5058e0db4a5e2c8b765",
            BlobSource.Create(digest, "docker.io/library/alpine", BlobHistory.ToJson(Alice)).Hmac);
        Assert.Equal(
            "b74f315499970fa53b6c24ef49cae0b53e37a2047cb1c109b60389816f3482a2",
            BlobSource.Create(digest, "docker.io/library/alpine", BlobHistory.ToJson(null)).Hmac);
    }

    [Fact]
    public void Blobs_of_the_same_credentials_come_first_then_of_near_repositories_then_the_latest()
    {
        string[] repositories =
        [
            "elsewhere.example/team/app", "registry.example/other/a", "registry.example/team/a", "registry.example/team/b",
            "registry.example/mine/far",
        ];
        foreach (string repository in repositories)
        {
            byte[] credentials = repository.Contains("mine", StringComparison.Ordinal) ? BlobHistory.ToJson(Alice) : [];
            _store.Add(Layer, BlobSource.Create(Digest.OfSha256(Encoding.UTF8.GetBytes(repository)), repository, credentials));
        }

        BlobHistory history = History(Alice);
        Assert.Equal(
            [
                "registry.example/mine/far", "registry.example/team/b", "registry.example/team/a", "registry.example/other/a",
                "elsewhere.example/team/app",
            ],
            history.SourcesOf(Layer).Select(source => source.Repository));
        Assert.Equal(
            ["mine/far", "team/b", "team/a", "other/a", null],
            history.SourcesOf(Layer).Select(source => source.MountPath(Target.Name, Target.Domain)));
    }

    [Fact]
    public void The_target_itself_is_not_mounted_from() =>
        Assert.Null(new KnownBlob(Digest.OfSha256("x"u8), Target.Name, () => { }).MountPath(Target.Name, Target.Domain));

    [Fact]
    public async Task Facts_are_saved_at_the_end()
    {
        Digest blob = Digest.OfSha256("blob"u8);
        var refused = new BlobSource(Digest.OfSha256("old"u8), "registry.example/other", "");
        var others = BlobSource.Create(Digest.OfSha256("old"u8), "registry.example/other", "{\"username\":\"bob\"}"u8);
        _store.Add(Layer, refused);
        _store.Add(Layer, others);
        BlobHistory history = History(Alice);
        Assert.All(history.SourcesOf(Layer), source => source.Forget());
        history.Note(Layer, blob);
        Assert.Equal([refused, others], _store.SourcesOf(Layer));
        using (DockerRootChange change = await _engine.BeginChangeAsync())
        {
            history.SaveTo(change);
        }

        Assert.Equal([others, BlobSource.Create(blob, Target.Name, BlobHistory.ToJson(Alice))], _store.SourcesOf(Layer));
        Assert.Equal(Layer, _store.DiffIdOf(blob));
    }

    [Theory]
    [InlineData(null, 3, 1, false)]
    [InlineData(100L << 10, 1, 1, false)]
    [InlineData((100L << 10) + 1, 3, 1, false)]
    [InlineData(10L << 20, 3, 1, false)]
    [InlineData((10L << 20) + 1, 4, 3, true)]
    public void Larger_layers_get_more_lookups(long? bytes, int mounts, int looks, bool everywhere) =>
        Assert.Equal(new PushEffort(mounts, looks, everywhere), PushEffort.For(bytes));

    private BlobHistory History(RegistryCredentials? credentials)
    {
        var history = new BlobHistory(_store, new BlobDirectory(_root), Target);
        history.Begin(credentials);
        return history;
    }
}
