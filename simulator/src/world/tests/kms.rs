//! Keys, aliases and policies, as KMS answers for them.

use super::*;

fn kms(request: KmsRequest) -> Request {
    Request::Kms(Box::new(request))
}

fn answer(scene: &mut Scene, account: &str, request: KmsRequest) -> KmsResponse {
    match scene.ask(account, EAST, kms(request)).unwrap() {
        Response::Kms(answer) => *answer,
        other => panic!("{other:?}"),
    }
}

fn create(scene: &mut Scene, policy: Option<&str>) -> KeyRecord {
    let ask = CreateKey { description: "ours".into(), policy: policy.map(str::to_owned) };
    match answer(scene, OURS, KmsRequest::CreateKey(ask)) {
        KmsResponse::Created(key) => key,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_created_key_encrypts_and_is_listed_and_every_key_differs() {
    let mut scene = Scene::new();
    let (one, two) = (create(&mut scene, None), create(&mut scene, None));
    assert_ne!(one.arn, two.arn);
    scene.database("orders", Some(&one.arn.to_string()));
    let page = KmsPage { limit: Some(1), marker: None };
    let KmsResponse::Keys(first, Some(marker)) = answer(&mut scene, OURS, KmsRequest::ListKeys(page)) else {
        panic!("no second page");
    };
    let page = KmsPage { limit: Some(1), marker: Some(marker) };
    let KmsResponse::Keys(second, None) = answer(&mut scene, OURS, KmsRequest::ListKeys(page)) else {
        panic!("a third page");
    };
    assert_eq!([first, second].concat().into_iter().collect::<BTreeSet<_>>(), [one.arn, two.arn].into());
}

#[test]
fn a_policy_admits_the_accounts_that_it_names_and_no_longer_those_that_it_leaves_out() {
    let mut scene = Scene::new();
    let policy = |principal: &str| {
        format!(
            r#"{{"Statement": [{{"Effect": "Allow", "Principal": {{"AWS": {principal}}}, "Action": "kms:*"}}]}}"#
        )
    };
    let both = policy(r#"["arn:aws:iam::111111111111:root", "arn:aws:iam::222222222222:role/x"]"#);
    let key = create(&mut scene, Some(&both)).arn.to_string();
    let describe = || Request::DescribeKey(key.clone());
    assert_eq!(scene.code_of(OTHER, EAST, describe()), "ok");
    assert_eq!(scene.code_of(THIRD, EAST, describe()), "AccessDeniedException");
    let put = |text: String| kms(KmsRequest::PutKeyPolicy(key.clone(), text));
    let third = policy(r#""333333333333""#);
    assert_eq!(scene.code_of(OTHER, EAST, put(third.clone())), "AccessDeniedException");
    assert_eq!(scene.code(put("no policy".into())), "MalformedPolicyDocumentException");
    assert_eq!(scene.code(put(third.clone())), "ok");
    assert_eq!(scene.code_of(OTHER, EAST, describe()), "AccessDeniedException");
    assert_eq!(scene.code_of(THIRD, EAST, describe()), "ok");
    let found = answer(&mut scene, OURS, KmsRequest::GetKeyPolicy(key.clone()));
    assert_eq!(found, KmsResponse::Policy(third));
}

#[test]
fn a_key_without_a_policy_of_its_own_has_one_that_admits_its_users() {
    let mut scene = Scene::new();
    let arn = key(OURS, EAST, "k");
    scene.customer_key(&arn, &[OTHER]);
    let KmsResponse::Policy(text) = answer(&mut scene, OURS, KmsRequest::GetKeyPolicy(arn.clone())) else {
        panic!("no policy");
    };
    assert!(text.contains("arn:aws:iam::222222222222:root"), "{text}");
    assert_eq!(scene.code(kms(KmsRequest::PutKeyPolicy(arn.clone(), text))), "ok");
    assert_eq!(scene.code_of(OTHER, EAST, Request::DescribeKey(arn)), "ok");
}

#[test]
fn an_alias_means_its_key_wherever_aws_takes_a_key() {
    let mut scene = Scene::new();
    let key = create(&mut scene, None).arn;
    let alias = |name: &str| kms(KmsRequest::CreateAlias(name.into(), key.to_string()));
    for (name, code) in [
        ("ours", "InvalidAliasNameException"),
        ("alias/aws/ours", "InvalidAliasNameException"),
        ("alias/ours", "ok"),
        ("alias/ours", "AlreadyExistsException"),
    ] {
        assert_eq!(scene.code(alias(name)), code, "{name}");
    }
    for (number, name) in
        ["alias/ours", "arn:aws:kms:us-east-1:111111111111:alias/ours"].into_iter().enumerate()
    {
        scene.database(&format!("db{number}"), Some(name));
    }
    assert!(scene.world.dump().databases.iter().all(|found| found.kms_key.as_ref() == Some(&key)));
    let KmsResponse::Aliases(found, None) =
        answer(&mut scene, OURS, KmsRequest::ListAliases(None, KmsPage::default()))
    else {
        panic!("no aliases");
    };
    assert_eq!(found.iter().map(|alias| alias.name.as_str()).collect::<Vec<_>>(), ["alias/ours"]);
    let remove = || kms(KmsRequest::DeleteAlias("alias/ours".into()));
    assert_eq!((scene.code(remove()), scene.code(remove())), ("ok", "NotFoundException"));
    assert_eq!(scene.code(Request::DescribeKey("alias/ours".into())), "NotFoundException");
}
