namespace Blobs.Tests.Distribution.Collection.Model.Scenarios;

/// <summary>
/// Collection while serving, for what one repository with one manifest cannot show: what repositories share, an index
/// with a child, a tag that moves, retention. Otherwise as <see cref="OneRepository.RepositoryModel"/>, but for one
/// thing: revision links and tags grow old only while no PUT of theirs is under way, because a PUT that takes longer
/// than a quarter of the age limit begins again.
/// </summary>
internal sealed partial class ScenarioModel : IStateModel<State>
{
    private static readonly string[] HostNames = ["host A", "host B"];
    private static readonly string[] CollectorNames = ["collector 1", "collector 2"];
    private static readonly string[] HostTitles = [.. Enum.GetNames<HostAt>().Select(PlaceNames.TitleOf)];
    private static readonly string[] CollectorTitles = [.. Enum.GetNames<CollectorAt>().Select(PlaceNames.TitleOf)];

    private readonly Setting _setting;
    private readonly Layout _layout;
    private readonly Cell[] _cells;
    private readonly Blob[] _blobs;
    private readonly Manifest[] _manifests;
    private readonly ClientStep[][] _clients;

    public ScenarioModel(Scenario scenario, Setting setting)
    {
        _setting = setting;
        _layout = new Layout(scenario, setting.Variant);
        (_cells, _blobs, _manifests, _clients) = (scenario.Cells, scenario.Blobs, scenario.Manifests, scenario.Clients);
        _claimTitles = [.. scenario.Items.Select(item => (item, $"{item}, lost"))];
    }

    public IEnumerable<(string Name, State State)> Starts =>
        _layout.Scenario.Starts.Select(start => (start.Name, Start(Cells.Of(start.Present), start.TagHolds)));

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

    private bool Is(Variant variant) => _setting.Variant == variant;

    private State Start(Cells present, byte tagHolds)
    {
        var state = new State
        {
            Stored = new Stored { Present = present, TagHolds = tagHolds },
            HostCrashesLeft = _setting.HostCrashes,
            CollectorCrashesLeft = _setting.CollectorCrashes,
        };
        foreach (ref Host host in state.Hosts)
        {
            host.ClientsLeft = _setting.Clients;
            host.ClientAt = Host.NoClient;
        }

        state.Collectors[1].At = _setting.Collectors == 1 ? CollectorAt.Absent : CollectorAt.TakeLease;
        for (int index = 0; index < _manifests.Length; index++)
        {
            if (IsSafe(_manifests[index]) && IsWhole(state.Stored, index) && HasItsTag(state.Stored, _manifests[index]))
            {
                state.Acknowledged |= (byte)(1 << index);
            }
        }

        return state;
    }

    // Whether a manifest stays for good once acknowledged: retention may remove any tag, and with it what it alone
    // needs.
    private bool IsSafe(Manifest manifest) => !_setting.Retention && (!_setting.Untagged || manifest.Tag is not null);

    /// <summary>Revision link, bytes, and all that the manifest reaches are there.</summary>
    private bool IsWhole(in Stored stored, int manifest) =>
        stored.Present.ContainsAll(_layout.Whole[manifest]);

    private static bool HasItsTag(in Stored stored, Manifest manifest) =>
        manifest.Tag is null || stored.TagHolds == manifest.TagValue;

    /// <summary>A tag names the manifest, whoever pushed it there.</summary>
    private static bool IsTagged(in Stored stored, Manifest manifest) =>
        manifest.TagValue != 0 && stored.TagHolds == manifest.TagValue;

    private void Write(ref Stored stored, int cell, byte tagHolds = 0)
    {
        stored.Present = stored.Present.With(cell);
        if (_cells[cell].Kind != CellKind.Bytes)
        {
            stored.Young = stored.Young.With(cell);
        }

        if (_cells[cell].Kind == CellKind.Tag)
        {
            stored.TagHolds = tagHolds;
        }
    }

    private void Delete(ref Stored stored, Cells cells)
    {
        stored.Present &= ~cells;
        stored.Young &= ~cells;
        if (cells.Overlaps(_layout.Tags))
        {
            stored.TagHolds = 0;
        }
    }

    // Whoever pushed to the tag before has been told 201 for what it held then.
    private void ForgetAcknowledgedUnder(ref State state, int tag)
    {
        for (int index = 0; index < _manifests.Length; index++)
        {
            if (_manifests[index].Tag == tag)
            {
                state.Acknowledged &= (byte)~(1 << index);
            }
        }
    }
}
