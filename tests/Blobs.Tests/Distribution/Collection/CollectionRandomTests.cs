using System.Collections.Concurrent;
using System.Globalization;
using Blobs.Distribution.Collection;
using Blobs.Distribution.Storage;
using Blobs.Oci;

namespace Blobs.Tests.Distribution.Collection;

/// <summary>
/// Several clients push, mount, tag, delete and pull through several hosts, while two collectors run and any of them is
/// killed at any call. An image whose push was acknowledged is whole until its client deletes it, and in the end nothing
/// is left that nothing needs. A derived class creates the storage.
/// <para>
/// BLOBS_COLLECT_STEPS sets the number of steps, BLOBS_COLLECT_SEED the seed of a failed run. Each client repeats its
/// choices from its seed; how they fall together is up to the machine.
/// </para>
/// </summary>
public abstract partial class CollectionRandomTests
{
    private const int Clients = 4;
    private const int Collectors = 2;

    // A store gets at least so many steps. More of them go to several stores side by side, because everybody mostly waits.
    private const int StepsOfOne = 1000;

    /// <summary>Number of steps in each run of the tests.</summary>
    private protected virtual int Sample => 1500;

    /// <summary>Number of stores at most.</summary>
    private protected virtual int WorldsMax => 16;

    /// <summary>The age below which nothing goes, where a collection has one. A push that takes a quarter of it begins again.</summary>
    private protected virtual TimeSpan MinimumAge => TimeSpan.FromSeconds(1);

    /// <summary>How long a collector may be silent. On a slow machine it loses its lease, and the next one goes on.</summary>
    private protected virtual TimeSpan Lease => TimeSpan.FromSeconds(1);

    private protected virtual TimeSpan LeaseMargin => TimeSpan.FromMilliseconds(200);

    /// <summary>How long a process is suspended at most.</summary>
    private protected virtual TimeSpan LongestSuspension => TimeSpan.FromMilliseconds(40);

    /// <summary>How long a collector pauses at most before it begins again.</summary>
    private protected virtual TimeSpan LongestPause => TimeSpan.FromMilliseconds(200);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task No_acknowledged_image_is_ever_broken_and_no_garbage_stays(bool removesUntagged)
    {
        int steps = Number("BLOBS_COLLECT_STEPS", Sample) / 2;
        int firstSeed = Number("BLOBS_COLLECT_SEED", Random.Shared.Next());
        TestContext.Current.TestOutputHelper?.WriteLine($"BLOBS_COLLECT_SEED={firstSeed}");
        Need();
        int worlds = Math.Clamp(steps / StepsOfOne, 1, WorldsMax);
        await Parallel.ForAsync(
            0,
            worlds,
            new ParallelOptions { MaxDegreeOfParallelism = worlds },
            async (number, _) =>
            {
                int seed = firstSeed + number;
                try
                {
                    using var world = new World(NewStore(number), OptionsFor(removesUntagged), LongestSuspension, LongestPause, seed);
                    await RunAsync(world, steps / worlds);
                    TestContext.Current.TestOutputHelper?.WriteLine($"{seed}: {world.Summary}");
                }
                catch (Exception fault)
                {
                    throw new InvalidOperationException($"BLOBS_COLLECT_SEED={seed}: {fault.Message}", fault);
                }
            });
    }

    /// <summary>Skips the test where there is no such storage.</summary>
    private protected virtual void Need()
    {
    }

    /// <summary>Makes a store, and returns what opens it; each host and each collector opens it for itself.</summary>
    /// <param name="number">A number that no other store of the test has.</param>
    internal abstract Func<IRegistryStorage> NewStore(int number);

    // Without an age, whatever nothing needs at this moment is garbage.
    private CollectionOptions OptionsFor(bool removesUntagged) => new()
    {
        MinimumAge = removesUntagged ? MinimumAge : TimeSpan.Zero,
        Untagged = removesUntagged,
        Lease = Lease,
        LeaseMargin = LeaseMargin,
        UploadAge = TimeSpan.FromMinutes(1),
    };

    private static async Task RunAsync(World world, int steps)
    {
        await world.StartAsync();
        using var stop = new CancellationTokenSource();
        Task[] collectors = [.. Enumerable.Range(0, Collectors).Select(number => Task.Run(() => world.CollectAsync(number, stop.Token)))];
        Client[] clients = [.. Enumerable.Range(0, Clients).Select(number => new Client(world, number))];
        await Task.WhenAll(clients.Select(client => Task.Run(() => client.RunAsync(steps / Clients))));
        await stop.CancelAsync();
        await Task.WhenAll(collectors);
        await world.TidyAsync();
        foreach (Client client in clients)
        {
            await client.CheckAsync();
        }

        Assert.Empty(await world.GarbageAsync());
    }

    private static int Number(string variable, int usual) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), NumberStyles.None, CultureInfo.InvariantCulture, out int number)
            ? number
            : usual;

    private sealed class World(
        Func<IRegistryStorage> open, CollectionOptions options, TimeSpan longestSuspension, TimeSpan longestPause, int seed) : IDisposable
    {
        public static readonly string[] Repositories = ["a", "b/c"];

        private readonly ConcurrentDictionary<int, (RegistryStore Store, DyingStorage Storage)> _hosts = new();
        private readonly ConcurrentBag<IDisposable> _opened = [];
        private int _pushed;
        private int _refused;
        private int _killed;
        private int _runs;
        private long _deleted;

        public string Summary =>
            $"{_pushed} pushes, {_refused} refused or failed, {_killed} hosts killed, {_runs} collections, {_deleted} blobs deleted";

        public int Seed => seed;

        public void Dispose()
        {
            foreach (IDisposable storage in _opened)
            {
                storage.Dispose();
            }
        }

        public void Count(bool isPushed) => _ = isPushed ? Interlocked.Increment(ref _pushed) : Interlocked.Increment(ref _refused);

        /// <summary>A host, chosen at random; now and then it dies soon.</summary>
        public async Task<RegistryStore> HostAsync(Random random)
        {
            int number = random.Next(3);
            if (_hosts.TryGetValue(number, out (RegistryStore Store, DyingStorage Storage) host) && !host.Storage.IsDead)
            {
                return host.Store;
            }

            Interlocked.Increment(ref _killed);
            var storage = new DyingStorage(
                await OpenAsync(), random.Next(), callsLeft: random.Next(2000), longestSuspension: longestSuspension);
            var store = new RegistryStore(storage, new RegistryStoreOptions { MinimumAge = options.MinimumAge });
            _hosts[number] = (store, storage);
            return store;
        }

        /// <summary>A host that does not die, and is only read from. Set by <see cref="StartAsync"/>.</summary>
        public RegistryStore Reader { get; private set; } = null!;

        public async Task StartAsync() =>
            Reader = new RegistryStore(await OpenAsync(), new RegistryStoreOptions { MinimumAge = options.MinimumAge });

        public async Task CollectAsync(int number, CancellationToken cancellationToken)
        {
            var random = new Random(seed + 1000 + number);

            // A bucket is tried out before it is used: to do so in every run would be a third of all requests.
            IRegistryStorage opened = await OpenAsync();
            while (!cancellationToken.IsCancellationRequested)
            {
                int callsLeft = random.Next(3) == 0 ? random.Next(1000) : -1;
                var storage = new DyingStorage(opened, random.Next(), callsLeft, longestSuspension: longestSuspension);
                try
                {
                    CollectionReport report = await new RegistryCollector(storage).RunAsync(options, CancellationToken.None);
                    Interlocked.Increment(ref _runs);
                    Interlocked.Add(ref _deleted, report.Blobs);
                }
                catch (Exception fault) when (fault is KilledException or Errors.RootBusyException or StorageUnavailableException)
                {
                }

                // Collectors that never pause take the processor from the clients.
                await Task.Delay(longestPause * random.NextDouble(), CancellationToken.None);
            }
        }

        /// <summary>Whole collections, after everybody has stopped. Nobody kills them, so they need no short lease, which a
        /// slow machine might not renew in time.</summary>
        public async Task TidyAsync()
        {
            await Task.Delay(options.MinimumAge + TimeSpan.FromMilliseconds(100));
            IRegistryStorage storage = await OpenAsync();
            for (int run = 0; run < 3; run++)
            {
                await new RegistryCollector(storage).RunAsync(options with
                {
                    Untagged = true,
                    MinimumAge = TimeSpan.Zero,
                    Lease = new CollectionOptions().Lease,
                    Wait = TimeSpan.FromMinutes(1),
                });
            }
        }

        /// <summary>What is left in the storage although no tagged manifest needs it.</summary>
        public async Task<IReadOnlyList<string>> GarbageAsync()
        {
            IRegistryStorage storage = await OpenAsync();
            var store = new RegistryStore(storage);
            var needed = new HashSet<string>(StringComparer.Ordinal);
            var found = new List<string>();
            foreach (string repository in Repositories)
            {
                foreach (string tag in (await store.ListTagsAsync(repository))?.Items ?? [])
                {
                    StoredManifest manifest = await store.FindManifestAsync(repository, tag)
                        ?? throw new InvalidOperationException($"{repository}:{tag} names nothing");
                    await NeedAsync(store, repository, manifest, needed);
                }

                foreach (ReferenceKind kind in (ReferenceKind[])[ReferenceKind.Blob, ReferenceKind.Manifest])
                {
                    found.AddRange((await storage.References.ListAsync(repository, kind, default)).Items
                        .Select(item => $"{repository} {item.Reference.Digest}"));
                }
            }

            found.AddRange((await storage.Blobs.ListAsync(default)).Items.Select(blob => $"{blob.Digest}"));
            return [.. found.Where(name => !needed.Contains(name))];
        }

        private async ValueTask<IRegistryStorage> OpenAsync()
        {
            IRegistryStorage storage = open();
            if (storage is IDisposable disposable)
            {
                _opened.Add(disposable);
            }

            await storage.PrepareAsync(mayWrite: true);
            return storage;
        }

        private static async Task NeedAsync(RegistryStore store, string repository, StoredManifest manifest, HashSet<string> needed)
        {
            needed.Add($"{manifest.Digest}");
            needed.Add($"{repository} {manifest.Digest}");
            foreach (Descriptor part in Manifest.Parse(manifest.Bytes, null, Errors.Limits.Default).References)
            {
                needed.Add($"{part.Digest}");
                needed.Add($"{repository} {part.Digest}");
                if (await store.FindManifestAsync(repository, part.Digest) is { } child)
                {
                    await NeedAsync(store, repository, child, needed);
                }
            }
        }
    }
}
