namespace Blobs.Tests.Distribution.Collection.Model.OneRepository;

/// <summary>
/// Collection while serving, with one repository, one blob and one manifest that needs it: two hosts, up to two
/// collectors, one store. Every step is one request to the storage, which is linearizable. Hosts and collectors may die
/// at any step, and a lease has no length: another collector may take over at any time.
/// </summary>
internal sealed partial class RepositoryModel(Setting setting) : IStateModel<State>
{
    private static readonly string[] HostNames = ["host A", "host B"];
    private static readonly string[] CollectorNames = ["collector 1", "collector 2"];
    private static readonly string[] HostTitles = [.. Enum.GetNames<HostAt>().Select(PlaceNames.TitleOf)];
    private static readonly string[] CollectorTitles = [.. Enum.GetNames<CollectorAt>().Select(PlaceNames.TitleOf)];

    public IEnumerable<(string Name, State State)> Starts =>
    [
        ("an old blob that nobody needs", Start(Stored.Data | Stored.Link)),
        ("nothing", Start(Stored.Nothing)),
        ("a whole image, acknowledged", Start(Stored.Image, acknowledged: true)),
        ("a manifest without its blob, never acknowledged", Start(Stored.Link | Stored.Revision | Stored.Manifest)),
        ("a manifest's bytes that nobody needs", Start(Stored.Data | Stored.Link | Stored.Manifest)),
    ];

    public void AddSuccessors(in State state, Successors<State> next)
    {
        for (int index = 0; index < HostNames.Length; index++)
        {
            AddHost(state, index, next);
        }

        for (int index = 0; index < CollectorNames.Length; index++)
        {
            AddCollector(state, index, next);
        }

        AddEnvironment(state, next);
    }

    private bool Is(Variant variant) => setting.Variant.HasFlag(variant);

    private State Start(Stored stored, bool acknowledged = false)
    {
        var state = new State
        {
            Stored = stored | (setting.Untagged && acknowledged ? Stored.Tag : Stored.Nothing),
            ManifestAcknowledged = acknowledged,
            HostCrashesLeft = setting.HostCrashes,
            CollectorCrashesLeft = setting.CollectorCrashes,
        };
        state.Hosts[0].ClientsLeft = state.Hosts[1].ClientsLeft = setting.Clients;
        state.Collectors[1].At = setting.Collectors == 1 ? CollectorAt.Absent : CollectorAt.TakeLease;
        return state;
    }
}
